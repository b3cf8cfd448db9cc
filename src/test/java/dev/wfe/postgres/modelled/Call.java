package dev.wfe.postgres.modelled;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A call that can be made on any store; its text is how failures print it. */
public record Call(String text, Action action) {
  /** What is called, and what it gives; null for nothing. */
  @FunctionalInterface
  public interface Action {
    @Nullable Object on(Side side);
  }

  /** A call that gives nothing. */
  @FunctionalInterface
  public interface Change {
    void on(Side side);
  }

  public static Call of(String verb, Action action, Object... arguments) {
    String text =
        Arrays.stream(arguments).map(Described::of).collect(Collectors.joining(", ", "(", ")"));
    return new Call(verb + text, action);
  }

  public static Call ofChange(String verb, Change change, Object... arguments) {
    return of(
        verb,
        side -> {
          change.on(side);
          return null;
        },
        arguments);
  }

  /** Makes the call: what it gave or threw, in the form in which stores are compared. */
  public Object outcome(Side side) {
    try {
      return side.normal(action.on(side));
    } catch (RuntimeException | HandlerError thrown) {
      return side.normal(thrown);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
