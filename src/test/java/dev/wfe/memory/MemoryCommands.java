package dev.wfe.memory;

import static java.util.Comparator.comparingLong;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
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

/**
 * Keeps commands in memory. A claim holds for as long as the handler runs: what is in memory dies
 * with its only process, so claims need no lease. Thread-safe.
 */
final class MemoryCommands implements ScheduledCommandRepository {
  private final MemoryTables tables;

  MemoryCommands(MemoryTables tables) {
    this.tables = tables;
  }

  @Override
  public boolean supportsScheduledCommands() {
    return true;
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    ValueLimits.check(command);
    tables.atomically(() -> upsert(command, false));
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    ValueLimits.check(command);
    tables.atomically(() -> upsert(command, true));
  }

  private void upsert(ScheduledCommand command, boolean keepEarlier) {
    Optional<CommandRow> found =
        tables.commands.stream().filter(row -> row.isOf(command)).findAny();
    if (found.isEmpty()) {
      tables.commands.add(new CommandRow(command));
      return;
    }
    CommandRow row = found.get();
    boolean isBeingHandled = row.claimed && !row.touched;
    row.executeTime =
        keepEarlier && !isBeingHandled
            ? Math.min(row.executeTime, command.executeTime())
            : command.executeTime();
    row.touched = true;
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
    Set<CommandRow> seen = new HashSet<>();
    long handled = 0;
    long failed = 0;
    List<Failure> failures = new ArrayList<>();
    while (seen.size() < limit && !Thread.currentThread().isInterrupted()) {
      Optional<CommandRow> claimed = claimNext(asOf, seen);
      if (claimed.isEmpty()) {
        break;
      }
      CommandRow row = claimed.get();
      seen.add(row);
      boolean returned = false;
      try {
        handler.handle(row.command());
        returned = true;
        handled++;
      } catch (Throwable thrown) {
        failed++;
        if (failures.size() < ProcessedCommands.MAX_FAILURES) {
          failures.add(new Failure(row.commandName.word(), row.data, thrown));
        }
        if (thrown instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
      }
      release(row, returned);
    }
    return new ProcessedCommands(handled, failed, failures);
  }

  private Optional<CommandRow> claimNext(Instant asOf, Set<CommandRow> seen) {
    return tables.atomically(
        () -> {
          Optional<CommandRow> next =
              tables.commands.stream()
                  .filter(row -> !row.claimed && !isAmong(row, seen))
                  .filter(row -> !MemoryWorkflows.isAfter(row.executeTime, asOf))
                  .min(comparingLong(row -> row.executeTime));
          next.ifPresent(
              row -> {
                row.claimed = true;
                row.touched = false;
              });
          return next;
        });
  }

  /** Also when it was deleted since, and scheduled anew. */
  private static boolean isAmong(CommandRow row, Set<CommandRow> seen) {
    return seen.stream().anyMatch(one -> one.isOf(row.command()));
  }

  private void release(CommandRow row, boolean done) {
    tables.atomically(
        () -> {
          row.claimed = false;
          if (done && !row.touched) {
            tables.commands.remove(row);
          }
        });
  }
}
