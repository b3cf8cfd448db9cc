package dev.wfe.persistence;

import java.util.List;

/**
 * The result of {@link ScheduledCommandRepository#processCommands}.
 *
 * @param handled the number of commands whose handler returned
 * @param failed the number of commands whose handler threw, plus the number of due commands that
 *     were skipped because their name is unknown; at most {@value #MAX_FAILURES} of the latter are
 *     counted
 * @param failures the first {@value #MAX_FAILURES} failures
 */
public record ProcessedCommands(long handled, long failed, List<Failure> failures) {
  /** The largest number of elements in {@code failures}. */
  public static final int MAX_FAILURES = 100;

  /** Copies the list. */
  public ProcessedCommands {
    failures = List.copyOf(failures);
  }

  /**
   * A command that failed and is still due.
   *
   * @param commandName the command's name as it is stored, also if it is unknown
   * @param data the command's data
   * @param cause what the handler threw, which may be an {@link Error}; an {@link
   *     UnreadableRowException} if the name is unknown
   */
  public record Failure(String commandName, String data, Throwable cause) {}
}
