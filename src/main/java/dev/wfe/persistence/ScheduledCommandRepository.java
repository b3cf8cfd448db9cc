package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;
import java.time.Instant;
import java.util.List;

/** Stores commands, each with the time at which it is due. Thread-safe. */
public interface ScheduledCommandRepository {
  /** Whether commands can be scheduled: always true. */
  boolean supportsScheduledCommands();

  /**
   * Schedules the command. If a command with the same name and data exists, its time is replaced,
   * whether the new time is earlier or later. If the command is being handled meanwhile, it is not
   * deleted afterwards and is handled again.
   *
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  void scheduleCommand(ScheduledCommand command);

  /**
   * {@link #scheduleCommand} for many commands, in one round trip and one commit. If a command is
   * named twice, its last time is stored. The refusal of one element does not affect the others.
   *
   * @return one result for each element, in order: the command, or an {@link InvalidValueException}
   * @throws InvalidValueException if the list is null or too large as a whole; not retryable
   */
  List<ItemResult<ScheduledCommand>> scheduleCommands(List<ScheduledCommand> commands);

  /**
   * Schedules the command. If a command with the same name and data exists, the earlier of the two
   * times is kept. If the command is being handled meanwhile, its old time does not count: it is
   * handled again at the new time.
   *
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  void scheduleCommandAtEarliest(ScheduledCommand command);

  /**
   * Executes the commands that are due at the instant: passes them to the handler one after the
   * other in the caller's thread, earliest first, each at most once per call.
   *
   * <p>The call claims commands under a short lease and renews the lease while handlers run. It
   * holds no connection and no lock meanwhile. As long as the lease is valid, each command is in
   * only one handler at a time, among all hosts. If the lease is lost, because the host or its
   * connection stalled for too long, the call hands out no further command and returns. After its
   * handler returned, a command is deleted, unless it was scheduled again after it was claimed.
   * After its handler threw anything, including an {@link Error}, a command stays due, and the
   * remaining commands are executed.
   *
   * <p>A command whose name is unknown is neither claimed nor changed. The first {@value
   * ProcessedCommands#MAX_FAILURES} such commands that are due are reported as failures.
   *
   * <p>An interrupt of the thread ends the call after the current command: it is deleted if its
   * handler returned, and the remaining commands stay due. The thread's interrupt flag is set when
   * the call returns. If the thread is interrupted before the call, no command is handed out.
   *
   * @param asOf any instant, by the caller's clock
   * @return how many commands were handled, and which failed
   * @throws StoreUnavailableException if the database cannot be reached; a command that was handled
   *     but not yet deleted is handed out again after its lease expired; retryable
   * @throws CallerTransactionException if the call would be part of a caller's transaction, because
   *     it commits several times; not retryable
   */
  ProcessedCommands processCommands(Instant asOf, CommandHandler handler);

  /**
   * As {@link #processCommands(Instant, CommandHandler)}, but hands out at most {@code limit}
   * commands, including those whose handler threw. Commands whose name is unknown do not count.
   *
   * @param asOf any instant, by the caller's clock
   * @param limit at least 1
   * @return how many commands were handled, and which failed
   * @throws InvalidValueException if the limit is less than 1; not retryable
   * @throws StoreUnavailableException as in the other form
   * @throws CallerTransactionException as in the other form
   */
  ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler);
}
