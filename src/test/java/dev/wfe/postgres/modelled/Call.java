package dev.wfe.postgres.modelled;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A call that can be made on any store; its text is how failures print it. */
public record Call(String text, Action action) {
  /** Calls an operation and returns its result; null for none. */
  @FunctionalInterface
  public interface Action {
    @Nullable Object on(CallContext context);
  }

  /** A call that gives nothing. */
  @FunctionalInterface
  public interface Change {
    void on(CallContext context);
  }

  public static Call of(String operation, Action action, Object... arguments) {
    String text =
        Arrays.stream(arguments).map(Described::of).collect(Collectors.joining(", ", "(", ")"));
    return new Call(operation + text, action);
  }

  public static Call ofChange(String operation, Change change, Object... arguments) {
    return of(
        operation,
        context -> {
          change.on(context);
          return null;
        },
        arguments);
  }

  /** Makes the call: what it gave or threw, in the form in which stores are compared. */
  public Object outcome(CallContext context) {
    try {
      return context.normal(action.on(context));
    } catch (RuntimeException | HandlerError thrown) {
      return context.normal(thrown);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
