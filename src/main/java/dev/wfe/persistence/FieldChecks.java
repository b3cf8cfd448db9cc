package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks the fields of one value, and words the refusal. */
final class FieldChecks {
  static final String IS_NULL = "is null";
  private static final int MAX_BYTES_OF_A_CHAR = 3;

  private final String type;
  private final String id;
  private final @Nullable String list;
  private final int index;

  FieldChecks(String type, @Nullable String id) {
    this(type, id == null ? "" : id, null, 0);
  }

  private FieldChecks(String type, String id, @Nullable String list, int index) {
    this.type = type;
    this.id = id;
    this.list = list;
    this.index = index;
  }

  /** Checks the fields of one element of a list in the value. */
  FieldChecks within(String innerList, int innerIndex) {
    return new FieldChecks(type, id, innerList, innerIndex);
  }

  /** Only a refusal spells out where the field is. */
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

  void notNegative(String field, int value) {
    if (value < 0) {
      throw refusal(field, "is %s, less than 0".formatted(value));
    }
  }

  void text(String field, String value) {
    refuse(field, TextChecks.problem(nonNull(field, value)));
  }

  void optionalText(String field, @Nullable String value) {
    if (value != null) {
      text(field, value);
    }
  }

  void key(String field, String value) {
    refuse(field, keyProblem(nonNull(field, value)));
  }

  void optionalKey(String field, @Nullable String value) {
    if (value != null) {
      key(field, value);
    }
  }

  void filledKey(String field, String value) {
    key(field, value);
    if (value.isEmpty()) {
      throw refusal(field, "is empty");
    }
  }

  void keys(String field, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      if (value == null || keyProblem(value) != null) {
        key(element(field, i), value);
      }
    }
    if (values.size() > ValueLimits.MAX_POINTERS) {
      throw refusal(field, tooMany(values.size()));
    }
    refuse(field, JsonChecks.problem(values));
  }

  static String tooMany(int size) {
    return "has %s elements, more than %s".formatted(size, ValueLimits.MAX_POINTERS);
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

  void json(String field, JsonNode value) {
    refuse(field, JsonChecks.problem(nonNull(field, value)));
  }

  void optionalJson(String field, @Nullable JsonNode value) {
    if (value != null) {
      json(field, value);
    }
  }

  void jsonMap(String field, Map<String, JsonNode> values) {
    values.forEach(
        (key, value) -> {
          nonNull(field, key);
          if (value == null) {
            throw refusal(field + "." + key, IS_NULL);
          }
        });
    refuse(field, JsonChecks.problem(values));
  }

  private void refuse(String field, @Nullable String problem) {
    if (problem != null) {
      throw refusal(field, problem);
    }
  }
}
