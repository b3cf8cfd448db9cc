package dev.wfe.memory;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.ProcessedCommands.Failure;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongBinaryOperator;

/**
 * Scheduled commands in memory. A claim lasts as long as the handler runs. It needs no lease,
 * because all hosts live and die in one process. Thread-safe.
 */
final class MemoryCommandRepository implements ScheduledCommandRepository {
  private final MemoryTables tables;

  MemoryCommandRepository(MemoryTables tables) {
    this.tables = tables;
  }

  @Override
  public boolean supportsScheduledCommands() {
    return true;
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    ValueLimits.check(command);
    tables.atomically(() -> schedule(command));
  }

  @Override
  public List<ItemResult<ScheduledCommand>> scheduleCommands(List<ScheduledCommand> scheduled) {
    return tables.forEach(
        scheduled,
        ValueLimits.checkEach("scheduleCommands", "commands", scheduled, ValueLimits::check),
        command -> {
          schedule(command);
          return command;
        });
  }

  /** Stores the command. Its time replaces that of a stored one. */
  void schedule(ScheduledCommand command) {
    schedule(command, (stored, given) -> given);
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    ValueLimits.check(command);
    tables.atomically(() -> schedule(command, Math::min));
  }

  /**
   * @param choice the time of a command that is stored already, from the stored and the given one
   */
  private void schedule(ScheduledCommand command, LongBinaryOperator choice) {
    CommandRow row = tables.commands.get(CommandRow.Key.of(command));
    if (row == null) {
      put(new CommandRow(tables.nextNumber(), command, null, false));
      return;
    }
    boolean isBeingHandled = row.claim() != null && !row.rescheduled();
    long time =
        isBeingHandled
            ? command.executeTime()
            : choice.applyAsLong(row.command().executeTime(), command.executeTime());
    put(
        new CommandRow(
            row.number(), command.toBuilder().executeTime(time).build(), row.claim(), true));
  }

  private void put(CommandRow row) {
    tables.commands.put(row.key(), row);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return processCommands(asOf, Integer.MAX_VALUE, handler);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler) {
    ValueLimits.nonNull("processCommands", "asOf", asOf);
    ValueLimits.checkLimit("processCommands", limit);
    ValueLimits.nonNull("processCommands", "handler", handler);
    tables.requireIndependent("processCommands");
    Object claim = new Object();
    Set<CommandRow.Key> seen = new HashSet<>();
    long failed = 0;
    List<Failure> failures = new ArrayList<>();
    while (seen.size() < limit && !Thread.currentThread().isInterrupted()) {
      Optional<ScheduledCommand> claimed = claimNext(claim, asOf, seen);
      if (claimed.isEmpty()) {
        break;
      }
      ScheduledCommand command = claimed.get();
      seen.add(CommandRow.Key.of(command));
      Optional<Throwable> thrown = thrownBy(handler, command);
      release(claim, command, thrown.isEmpty());
      if (thrown.isPresent()) {
        failed++;
        if (failures.size() < ProcessedCommands.MAX_FAILURES) {
          failures.add(new Failure(command.commandName().word(), command.data(), thrown.get()));
        }
      }
    }
    return new ProcessedCommands(seen.size() - failed, failed, failures);
  }

  private Optional<ScheduledCommand> claimNext(
      Object claim, Instant asOf, Set<CommandRow.Key> seen) {
    return tables.atomically(
        () -> {
          Optional<CommandRow> next =
              tables.openCommands.of(MemoryTables.All.ROWS).stream()
                  .takeWhile(
                      row -> !Instant.ofEpochMilli(row.command().executeTime()).isAfter(asOf))
                  .filter(row -> !seen.contains(row.key()))
                  .findFirst();
          next.ifPresent(row -> put(new CommandRow(row.number(), row.command(), claim, false)));
          return next.map(CommandRow::command);
        });
  }

  /** An interruption of the handler is one of the thread. */
  private static Optional<Throwable> thrownBy(CommandHandler handler, ScheduledCommand command) {
    try {
      handler.handle(command);
      return Optional.empty();
    } catch (Throwable thrown) {
      if (thrown instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return Optional.of(thrown);
    }
  }

  /** Does nothing if the command was removed meanwhile. */
  private void release(Object claim, ScheduledCommand command, boolean isDone) {
    tables.atomically(
        () -> {
          CommandRow row = tables.commands.get(CommandRow.Key.of(command));
          if (row == null || !claim.equals(row.claim())) {
            return;
          }
          if (isDone && !row.rescheduled()) {
            tables.commands.remove(row.key());
          } else {
            put(new CommandRow(row.number(), row.command(), null, false));
          }
        });
  }
}
