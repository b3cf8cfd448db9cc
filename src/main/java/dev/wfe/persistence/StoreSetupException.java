package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store does not exist, does not have the required tables, or cannot be reached with the given
 * settings. Not retryable: the message says what to correct.
 */
public final class StoreSetupException extends StoreException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // What List.copyOf gives is serializable.
  private final List<String> problems;

  /** Creates the exception for one problem. */
  public StoreSetupException(String message, @Nullable Throwable cause) {
    this(message, List.of(), cause);
  }

  /** Creates the exception for several problems, each of which is a line of the message. */
  public StoreSetupException(String message, List<String> problems, @Nullable Throwable cause) {
    super(
        problems.isEmpty() ? message : message + "\n  " + String.join("\n  ", problems),
        false,
        List.of(),
        cause);
    this.problems = List.copyOf(problems);
  }

  /** The problems, one per element; empty if the message is the only problem. */
  public List<String> problems() {
    return problems;
  }
}
