package dev.wfe.histories;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * One call and how it ended.
 *
 * @param id unique: who called, and that caller's number of it
 * @param name one of {@link OperationNames}
 * @param key what it is about
 * @param arguments a JSON object
 * @param invoked the clock's nanoseconds, read before the call
 * @param returned read after the call; {@link #NEVER} when the outcome is unknown
 * @param outcome how it ended
 * @param result what it gave; as text, what refused it, its type first, or what is known of an
 *     unknown end
 */
public record Operation(
    String id,
    String name,
    String key,
    JsonNode arguments,
    long invoked,
    long returned,
    Outcome outcome,
    JsonNode result) {
  public static final long NEVER = Long.MAX_VALUE;

  private static final double NANOS_PER_MILLI = 1e6;

  public boolean isOk() {
    return outcome == Outcome.OK;
  }

  public boolean isUnknown() {
    return outcome == Outcome.UNKNOWN;
  }

  /** Refused by a failure of the type. */
  public boolean isRefusedAs(Class<? extends Exception> failure) {
    return failure.getSimpleName().equals(refusal());
  }

  /** The type of what refused it; empty when nothing did. */
  public String refusal() {
    return outcome == Outcome.REFUSED ? result.asText().replaceFirst("(?s):.*", "") : "";
  }

  /** Had returned when the other began, by the clock that both read. */
  public boolean isBefore(Operation other) {
    return returned < other.invoked;
  }

  public String argument(String name) {
    return arguments.path(name).asText();
  }

  /** The same with another key, for what is about two things. */
  public Operation withKey(String other) {
    return new Operation(id, name, other, arguments, invoked, returned, outcome, result);
  }

  /** The same with its times counted from another moment. */
  public Operation since(long nanos) {
    return new Operation(
        id,
        name,
        key,
        arguments,
        invoked - nanos,
        returned == NEVER ? NEVER : returned - nanos,
        outcome,
        result);
  }

  @Override
  public String toString() {
    String end = returned == NEVER ? "?" : millis(returned);
    return "%s %s%s -> %s [%s..%s ms]"
        .formatted(
            id,
            name,
            arguments.isEmpty() ? "" : arguments,
            outcome == Outcome.OK ? result : outcome + " " + result.asText(),
            millis(invoked),
            end);
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / NANOS_PER_MILLI);
  }
}
