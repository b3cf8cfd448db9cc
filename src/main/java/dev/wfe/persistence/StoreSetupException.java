package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store is not there, not as this library needs it, or not reachable with the given settings.
 * Calling again does not help: the message says what to mend.
 */
public final class StoreSetupException extends StoreException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // What List.copyOf gives is serializable.
  private final List<String> problems;

  /** One problem. */
  public StoreSetupException(String message, @Nullable Throwable cause) {
    this(message, List.of(), cause);
  }

  /** Several problems, each a line of the message. */
  public StoreSetupException(String message, List<String> problems, @Nullable Throwable cause) {
    super(
        problems.isEmpty() ? message : message + "\n  " + String.join("\n  ", problems),
        false,
        List.of(),
        cause);
    this.problems = List.copyOf(problems);
  }

  /** The problems, one by one; empty when the message is all there is. */
  public List<String> problems() {
    return problems;
  }
}
