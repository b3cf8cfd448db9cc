package dev.wfe.postgres.internal.store;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.postgres.internal.mapping.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One call of {@code processCommands}.
 *
 * <ol>
 *   <li>Claim some due commands: one at first, more as long as they are handled fast, so that a
 *       slow handler does not keep others from the commands that wait behind it.
 *   <li>Hand each to the handler, as long as the lease holds.
 *   <li>Settle: delete what was handled, let go of the rest. Claim again in the same round trip,
 *       until nothing is due.
 * </ol>
 *
 * <p>Not thread-safe.
 */
final class CommandRun {
  private static final int MAX_CLAIMED = 64;
  private static final int GROWTH = 8;
  private static final long FAST_NANOS = 100_000_000;

  private final CommandClaims claims;
  private final Supplier<LeaseKeeper> keepers;
  private final CommandHandler handler;
  private final List<ProcessedCommands.Failure> failures = new ArrayList<>();
  private long handledCount;
  private long failedCount;
  private boolean interrupted;

  CommandRun(CommandClaims claims, Supplier<LeaseKeeper> keepers, CommandHandler handler) {
    this.claims = claims;
    this.keepers = keepers;
    this.handler = handler;
  }

  ProcessedCommands run(long asOfMillis) {
    List<ClaimedCommand> claimed = claims.claim(asOfMillis, 1);
    if (!claimed.isEmpty()) {
      try (claims;
          LeaseKeeper lease = keepers.get()) {
        handleAll(asOfMillis, claimed, lease);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return new ProcessedCommands(handledCount, failedCount, failures);
  }

  private void handleAll(long asOfMillis, List<ClaimedCommand> first, LeaseKeeper lease) {
    List<ClaimedCommand> claimed = first;
    int limit = 1;
    while (!claimed.isEmpty()) {
      List<ClaimedCommand> handled = new ArrayList<>();
      boolean goesOn = false;
      long start = System.nanoTime();
      try {
        handle(claimed, handled, lease);
        goesOn = !interrupted && lease.isHeld();
      } finally {
        if (!goesOn) {
          claims.settle(claimed, handled);
          handledCount += handled.size();
        }
      }
      if (!goesOn) {
        return;
      }
      long end = System.nanoTime();
      limit = end - start < FAST_NANOS ? Math.min(GROWTH * limit, MAX_CLAIMED) : 1;
      claimed = claims.settleAndClaim(claimed, handled, asOfMillis, limit);
      handledCount += handled.size();
      lease.prolongedAt(end);
    }
  }

  /** Notes those that were handled. */
  private void handle(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, LeaseKeeper lease) {
    for (ClaimedCommand command : claimed) {
      if (interrupted || !lease.isHeld()) {
        return;
      }
      if (isHandled(command)) {
        handled.add(command);
      }
    }
  }

  private boolean isHandled(ClaimedCommand command) {
    Optional<CommandName> name = Words.commandName(command.commandName());
    if (name.isEmpty()) {
      return failed(
          command,
          Words.unknown(
              "scheduled_commands",
              Long.toString(command.id()),
              "command_name",
              command.commandName()));
    }
    try {
      handler.handle(new ScheduledCommand(name.get(), command.data(), command.executeTime()));
      return true;
    } catch (InterruptedException interruption) {
      interrupted = true;
      return failed(command, interruption);
    } catch (Exception failure) {
      return failed(command, failure);
    }
  }

  private boolean failed(ClaimedCommand command, Exception cause) {
    failedCount++;
    if (failures.size() < ProcessedCommands.MAX_FAILURES) {
      failures.add(new ProcessedCommands.Failure(command.commandName(), command.data(), cause));
    }
    return false;
  }
}
