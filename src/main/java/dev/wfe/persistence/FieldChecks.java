package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the fields of one value and creates the exception for an invalid one. A field that equals
 * its stored value is accepted whatever its length: limits apply to new values only.
 */
final class FieldChecks {
  static final String IS_NULL = "is null";
  static final String TOO_LARGE =
      "brings the size of the operation to more than %s bytes in total"
          .formatted(ValueLimits.MAX_OPERATION_BYTES);
  private static final int MAX_BYTES_OF_A_CHAR = 3;

  private final String type;
  private final String id;
  private final OperationSize size;
  private final @Nullable String list;
  private final int index;

  FieldChecks(String type, @Nullable String id) {
    this(type, id, new OperationSize());
  }

  /** Checks one of several values that one operation writes. */
  FieldChecks(String type, @Nullable String id, OperationSize size) {
    this(type, id == null ? "" : id, size, null, 0);
  }

  private FieldChecks(
      String type, String id, OperationSize size, @Nullable String list, int index) {
    this.type = type;
    this.id = id;
    this.size = size;
    this.list = list;
    this.index = index;
  }

  /** Checks the fields of one element of a list in the value. */
  FieldChecks within(String innerList, int innerIndex) {
    return new FieldChecks(type, id, size, innerList, innerIndex);
  }

  /** The field's path is built only here, so that a valid value costs nothing. */
  InvalidValueException refusal(String field, String problem) {
    String path = list == null ? field : element(list, index) + "." + field;
    return new InvalidValueException(type, id, path, problem);
  }

  static String element(String list, int index) {
    return list + "[" + index + "]";
  }

  <T> T nonNull(String field, @Nullable T value) {
    if (value == null) {
      throw refusal(field, IS_NULL);
    }
    return value;
  }

  void notNegative(String field, int value, int stored) {
    if (value < 0 && value != stored) {
      throw refusal(field, "is %s, less than 0".formatted(value));
    }
  }

  void text(String field, String value) {
    refuse(field, TextChecks.problem(nonNull(field, value)));
    count(field, value);
  }

  void optionalText(String field, @Nullable String value) {
    if (value != null) {
      text(field, value);
    }
  }

  /** Refuses a filter by the key of events, unless it also names them. */
  void requireName(@Nullable String eventName, @Nullable String eventKey) {
    if (eventKey != null && eventName == null) {
      throw refusal("eventKey", "is given without an eventName");
    }
  }

  void key(String field, String value) {
    key(field, value, null);
  }

  void key(String field, String value, @Nullable String stored) {
    String problem = keyProblem(nonNull(field, value));
    if (problem != null && !value.equals(stored)) {
      throw refusal(field, problem);
    }
    count(field, value);
  }

  void optionalKey(String field, @Nullable String value, @Nullable String stored) {
    if (value != null) {
      key(field, value, stored);
    }
  }

  void filledKey(String field, String value) {
    filledKey(field, value, null);
  }

  void filledKey(String field, String value, @Nullable String stored) {
    key(field, value, stored);
    if (value.isEmpty() && !value.equals(stored)) {
      throw refusal(field, "is empty");
    }
  }

  void keys(String field, List<String> values, List<String> stored, int most) {
    JsonChecks checked = JsonChecks.of(values);
    boolean isSound =
        checked.problem() == null
            && values.size() <= most
            && values.stream().allMatch(value -> value != null && keyProblem(value) == null);
    if (!isSound && !values.equals(stored)) {
      refuseKeys(field, values, most);
      refuse(field, checked.problem());
    }
    count(field, checked.bytes());
  }

  private void refuseKeys(String field, List<String> values, int most) {
    for (int i = 0; i < values.size(); i++) {
      key(element(field, i), values.get(i));
    }
    if (values.size() > most) {
      throw refusal(field, tooMany(values.size(), most));
    }
  }

  static String tooMany(int size, int most) {
    return "has %s elements, more than %s".formatted(size, most);
  }

  static @Nullable String keyProblem(String value) {
    String problem = TextChecks.problem(value);
    if (problem != null) {
      return problem;
    }
    return value.length() > ValueLimits.MAX_KEY_BYTES / MAX_BYTES_OF_A_CHAR
            && TextChecks.utf8Bytes(value) > ValueLimits.MAX_KEY_BYTES
        ? "is longer than %s bytes of UTF-8".formatted(ValueLimits.MAX_KEY_BYTES)
        : null;
  }

  void instant(String field, Instant value) {
    nonNull(field, value);
    if (value.isBefore(ValueLimits.MIN_INSTANT) || value.isAfter(ValueLimits.MAX_INSTANT)) {
      throw refusal(
          field,
          "is %s, not between %s and %s"
              .formatted(value, ValueLimits.MIN_INSTANT, ValueLimits.MAX_INSTANT));
    }
  }

  void optionalInstant(String field, @Nullable Instant value) {
    if (value != null) {
      instant(field, value);
    }
  }

  void json(String field, JsonNode value, @Nullable JsonNode stored) {
    JsonChecks checked = JsonChecks.of(nonNull(field, value));
    if (checked.problem() != null && !value.equals(stored)) {
      throw refusal(field, checked.problem());
    }
    count(field, checked.bytes());
  }

  void optionalJson(String field, @Nullable JsonNode value, @Nullable JsonNode stored) {
    if (value != null) {
      json(field, value, stored);
    }
  }

  void jsonMap(String field, Map<String, JsonNode> values, Map<String, JsonNode> stored) {
    values.forEach(
        (key, value) -> {
          nonNull(field, key);
          if (value == null) {
            throw refusal(field + "." + key, IS_NULL);
          }
        });
    JsonChecks checked = JsonChecks.of(values);
    if (checked.problem() != null && !values.equals(stored)) {
      throw refusal(field, checked.problem());
    }
    count(field, checked.bytes());
  }

  private void refuse(String field, @Nullable String problem) {
    if (problem != null) {
      throw refusal(field, problem);
    }
  }

  private void count(String field, String value) {
    count(field, TextChecks.utf8Bytes(value));
  }

  private void count(String field, long bytes) {
    if (!size.admits(bytes)) {
      throw refusal(field, TOO_LARGE);
    }
  }
}
