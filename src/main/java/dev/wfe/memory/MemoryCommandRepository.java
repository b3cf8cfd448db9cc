package dev.wfe.memory;

import static java.util.Comparator.comparingLong;

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
import java.util.Map;
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

  /** A command as it was when it was claimed, and its row. */
  private record Claim(CommandRow row, ScheduledCommand command) {}

  @Override
  public boolean supportsScheduledCommands() {
    return true;
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    ValueLimits.check(command);
    tables.atomically(() -> schedule(command, (stored, given) -> given));
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
      tables.commands.put(CommandRow.Key.of(command), new CommandRow(command));
      return;
    }
    boolean isBeingHandled = row.claimed && !row.rescheduled;
    if (isBeingHandled) {
      row.command = command;
    } else {
      long time = choice.applyAsLong(row.command.executeTime(), command.executeTime());
      row.command = command.toBuilder().executeTime(time).build();
    }
    row.rescheduled = true;
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
    Set<CommandRow.Key> seen = new HashSet<>();
    long failed = 0;
    List<Failure> failures = new ArrayList<>();
    while (seen.size() < limit && !Thread.currentThread().isInterrupted()) {
      Optional<Claim> claim = claimNext(asOf, seen);
      if (claim.isEmpty()) {
        break;
      }
      ScheduledCommand command = claim.get().command();
      seen.add(CommandRow.Key.of(command));
      Optional<Throwable> thrown = thrownBy(handler, command);
      release(claim.get().row(), thrown.isEmpty());
      if (thrown.isPresent()) {
        failed++;
        if (failures.size() < ProcessedCommands.MAX_FAILURES) {
          failures.add(new Failure(command.commandName().word(), command.data(), thrown.get()));
        }
      }
    }
    return new ProcessedCommands(seen.size() - failed, failed, failures);
  }

  private Optional<Claim> claimNext(Instant asOf, Set<CommandRow.Key> seen) {
    return tables.atomically(
        () ->
            tables.commands.entrySet().stream()
                .filter(entry -> !seen.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .filter(row -> !row.claimed)
                .filter(row -> !Instant.ofEpochMilli(row.command.executeTime()).isAfter(asOf))
                .min(comparingLong(row -> row.command.executeTime()))
                .map(MemoryCommandRepository::claim));
  }

  private static Claim claim(CommandRow row) {
    row.claimed = true;
    row.rescheduled = false;
    return new Claim(row, row.command);
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

  private void release(CommandRow row, boolean isDone) {
    tables.atomically(
        () -> {
          row.claimed = false;
          if (isDone && !row.rescheduled) {
            tables.commands.remove(CommandRow.Key.of(row.command), row);
          }
        });
  }

  @Override
  public List<ItemResult<ScheduledCommand>> scheduleCommands(List<ScheduledCommand> scheduled) {
    throw new UnsupportedOperationException("not built yet");
  }
}
