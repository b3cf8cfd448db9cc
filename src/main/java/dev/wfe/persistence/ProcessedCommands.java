package dev.wfe.persistence;

import java.util.List;

/**
 * What {@link ScheduledCommandRepository#processCommands} did.
 *
 * @param handled how many commands' handlers returned
 * @param failed how many commands' handlers threw, and how many due commands with an unknown word
 *     were passed over, of which at most {@value #MAX_FAILURES} are counted
 * @param failures the first {@value #MAX_FAILURES} of the failed
 */
public record ProcessedCommands(long handled, long failed, List<Failure> failures) {
  /** How many failures are kept at most. */
  public static final int MAX_FAILURES = 100;

  /** Copies the list. */
  public ProcessedCommands {
    failures = List.copyOf(failures);
  }

  /**
   * A command that failed and is still due.
   *
   * @param commandName the word in the store, known or not
   * @param data the command's data
   * @param cause what the handler threw, which may be an {@link Error}; or an {@link
   *     UnreadableRowException} if the word is unknown
   */
  public record Failure(String commandName, String data, Throwable cause) {}
}
