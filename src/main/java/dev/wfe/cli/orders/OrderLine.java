package dev.wfe.cli.orders;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Converts JSON to an {@link Order} and checks it. Not thread-safe; used once. */
final class OrderLine {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final int MAX_TEXT = 1_000;

  private final JsonNode json;
  private final Set<String> unread = new HashSet<>();

  private OrderLine(JsonNode json) {
    this.json = json;
    json.fieldNames().forEachRemaining(unread::add);
  }

  /**
   * The order of the JSON.
   *
   * @throws BadOrdersException if a field is invalid; the message names it
   */
  static Order order(JsonNode json) {
    if (!json.isObject()) {
      throw new BadOrdersException("it is not a JSON object");
    }
    return new OrderLine(json).read();
  }

  private Order read() {
    Order order =
        new Order(
            id(),
            text("customer"),
            text("item"),
            (int) number("quantity", 1, Integer.MAX_VALUE),
            number("amountCents", 0, Long.MAX_VALUE),
            instant("orderedAt"),
            instant("paidAt"),
            payment(),
            failsOnceAt());
    if (!unread.isEmpty()) {
      throw bad(unread.iterator().next(), "is unknown");
    }
    if (order.paidAt().isBefore(order.orderedAt())) {
      throw bad("paidAt", "is before orderedAt");
    }
    return order;
  }

  private String id() {
    String id = text("id");
    if (!ID.matcher(id).matches()) {
      throw bad("id", "is not 1 to 100 letters, digits, dots, underscores or hyphens");
    }
    return id;
  }

  private Order.Payment payment() {
    return switch (text("payment")) {
      case "early" -> Order.Payment.EARLY;
      case "late" -> Order.Payment.LATE;
      default -> throw bad("payment", "is neither \"early\" nor \"late\"");
    };
  }

  private @Nullable String failsOnceAt() {
    if (!json.has("failsOnceAt")) {
      return null;
    }
    String step = text("failsOnceAt");
    if (!OrderWorkflow.MAY_FAIL.contains(step)) {
      throw bad("failsOnceAt", "is not a step that can fail");
    }
    return step;
  }

  private String text(String field) {
    JsonNode value = field(field);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw bad(field, "is not a text");
    }
    String text = value.textValue();
    if (text.length() > MAX_TEXT || text.codePoints().anyMatch(OrderLine::isUnprintable)) {
      throw bad(
          field,
          "is longer than %s characters or contains unprintable characters".formatted(MAX_TEXT));
    }
    return text;
  }

  private static boolean isUnprintable(int codePoint) {
    return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
  }

  private long number(String field, long min, long max) {
    JsonNode value = field(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw bad(field, "is not a whole number from %s to %s".formatted(min, max));
    }
    return value.longValue();
  }

  private Instant instant(String field) {
    Instant instant;
    try {
      instant = Instant.parse(text(field));
    } catch (DateTimeException e) {
      throw bad(field, "is not a time such as 2026-03-01T10:15:00Z");
    }
    if (instant.isAfter(Instant.now()) || instant.isBefore(Instant.EPOCH)) {
      throw bad(field, "is in the future, or before 1970");
    }
    return instant;
  }

  private JsonNode field(String field) {
    unread.remove(field);
    JsonNode value = json.get(field);
    if (value == null) {
      throw bad(field, "is missing");
    }
    return value;
  }

  private static BadOrdersException bad(String field, String problem) {
    return new BadOrdersException("its field \"%s\" %s".formatted(field, problem));
  }
}
