package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;
import java.time.Instant;

/** Keeps commands that are due at a time. Thread-safe. */
public interface ScheduledCommandRepository {
  /** Whether the store keeps commands: always true. */
  boolean supportsScheduledCommands();

  /**
   * Schedules the command, or moves the one of the same name and data to the new time, earlier or
   * later. A command that is scheduled while it is being handled stays, and is handled again.
   *
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  void scheduleCommand(ScheduledCommand command);

  /**
   * Schedules the command, or moves the one of the same name and data to the earlier of the two
   * times. The time of a command that is being handled does not count: it is handled again at the
   * new time.
   *
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  void scheduleCommandAtEarliest(ScheduledCommand command);

  /**
   * Hands the commands that are due at the instant to the handler, one after the other in the
   * caller's thread, earliest first, each at most once per call.
   *
   * <p>Commands are claimed under a short lease that is renewed while handlers run, with no
   * connection and no lock held meanwhile: among all hosts each is in one handler at a time while
   * the lease holds. When the lease is lost, because the host or its connection stood still for too
   * long, no further command is handed out and the call ends. A command whose handler returned is
   * deleted, unless somebody scheduled or moved it since it was claimed: then it stays. A command
   * whose handler threw anything, an {@link Error} included, stays due; the others go on.
   *
   * <p>A command with an unknown word is neither claimed nor changed. The first {@value
   * ProcessedCommands#MAX_FAILURES} due ones that the call passes over are reported as failures.
   *
   * <p>Interrupting the thread ends the call after the command in hand: if its handler returned, it
   * is deleted; the rest stays due. The thread is interrupted afterwards too. A thread that is
   * interrupted already hands out nothing.
   *
   * @param asOf any instant, by the caller's clock
   * @return what was handled and what failed
   * @throws StoreUnavailableException if the store cannot be asked any more; what was handled but
   *     could not be noted is handed out again when its lease has ended; retryable
   * @throws CallerTransactionException if it would be part of a transaction of the caller's, for it
   *     commits as it goes; not retryable
   */
  ProcessedCommands processCommands(Instant asOf, CommandHandler handler);

  /**
   * As {@link #processCommands(Instant, CommandHandler)}, but hands out no more than {@code limit}
   * commands, counting those whose handler threw. Commands with an unknown word do not count.
   *
   * @param asOf any instant, by the caller's clock
   * @param limit at least 1
   * @return what was handled and what failed
   * @throws InvalidValueException if the limit is less than 1; not retryable
   * @throws StoreUnavailableException as in the other form
   * @throws CallerTransactionException as in the other form
   */
  ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler);
}
