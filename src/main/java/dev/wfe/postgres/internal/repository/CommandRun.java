package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * One call of {@code processCommands}.
 *
 * <ol>
 *   <li>Claim some due commands: one at first, more as long as they are handled fast, so that a
 *       slow handler does not keep others from the commands that wait behind it.
 *   <li>Hand each to the handler, as long as the lease holds and the thread is not interrupted.
 *   <li>Settle: delete what was handled, let go of the rest. Claim again in the same round trip,
 *       until nothing is due or the call's limit is reached.
 * </ol>
 *
 * <p>An interruption is remembered, so that what was handled can still be settled, and restored
 * when the call ends. Not thread-safe.
 */
final class CommandRun {
  private static final int MAX_CLAIMED = 64;
  private static final int GROWTH = 8;
  private static final long FAST_NANOS = 100_000_000;

  private final CommandClaims claims;
  private final LongFunction<LeaseKeeper> keepers;
  private final CommandHandler handler;
  private final int limit;
  private final List<ProcessedCommands.Failure> failures = new ArrayList<>();
  private int handedOut;
  private long handledCount;
  private long failedCount;
  private boolean interrupted;

  /**
   * A call that claims so.
   *
   * @param keepers keep the lease that was asked for at that {@link System#nanoTime}
   * @param limit how many commands are handed out at most
   */
  CommandRun(
      CommandClaims claims, LongFunction<LeaseKeeper> keepers, CommandHandler handler, int limit) {
    this.claims = claims;
    this.keepers = keepers;
    this.handler = handler;
    this.limit = limit;
  }

  ProcessedCommands run(long asOfMillis) {
    if (!Thread.currentThread().isInterrupted()) {
      long asked = System.nanoTime();
      List<ClaimedCommand> claimed = claims.claim(asOfMillis, 1);
      if (!claimed.isEmpty()) {
        try (LeaseKeeper lease = keepers.apply(asked)) {
          handleAll(asOfMillis, claimed, lease);
        } finally {
          restoreInterruption();
        }
      }
      claims.unreadable().forEach(this::failed);
    }
    return new ProcessedCommands(handledCount, failedCount, failures);
  }

  private void handleAll(long asOfMillis, List<ClaimedCommand> first, LeaseKeeper lease) {
    List<ClaimedCommand> claimed = first;
    int batch = 1;
    while (!claimed.isEmpty()) {
      List<ClaimedCommand> handled = new ArrayList<>();
      long start = System.nanoTime();
      handle(claimed, handled, lease);
      long end = System.nanoTime();
      batch = end - start < FAST_NANOS ? Math.min(GROWTH * batch, MAX_CLAIMED) : 1;
      int next = Math.min(batch, limit - handedOut);
      claimed =
          next > 0 && mayGoOn(lease)
              ? settleAndClaim(claimed, handled, asOfMillis, next)
              : settleAndEnd(claimed, handled);
      handledCount += handled.size();
      lease.prolongedAt(end);
    }
  }

  /** Hands them out and notes those that were handled. */
  private void handle(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, LeaseKeeper lease) {
    for (ClaimedCommand command : claimed) {
      if (!mayGoOn(lease)) {
        return;
      }
      handedOut++;
      if (isHandled(command)) {
        handled.add(command);
      }
    }
  }

  private boolean mayGoOn(LeaseKeeper lease) {
    return !isInterrupted() && lease.isHeld();
  }

  private boolean isHandled(ClaimedCommand claimed) {
    try {
      handler.handle(claimed.command());
      return true;
    } catch (Throwable thrown) {
      interrupted |= thrown instanceof InterruptedException;
      failed(
          new ProcessedCommands.Failure(
              claimed.command().commandName().word(), claimed.data(), thrown));
      return false;
    }
  }

  private void failed(ProcessedCommands.Failure failure) {
    failedCount++;
    if (failures.size() < ProcessedCommands.MAX_FAILURES) {
      failures.add(failure);
    }
  }

  private List<ClaimedCommand> settleAndClaim(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int next) {
    try {
      return claims.settleAndClaim(claimed, handled, asOfMillis, next);
    } catch (StoreException failure) {
      requireInterrupted(failure);
      return settleAndEnd(claimed, handled);
    }
  }

  /** Gives none. Settling may be repeated, also when it is unknown whether it was done. */
  private List<ClaimedCommand> settleAndEnd(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    try {
      claims.settleAndEnd(claimed, handled);
    } catch (StoreException failure) {
      requireInterrupted(failure);
      claims.settleAndEnd(claimed, handled);
    }
    return List.of();
  }

  /** An interruption during a statement of ours is no reason not to settle. */
  private void requireInterrupted(StoreException failure) {
    if (!isInterruptedAnew()) {
      throw failure;
    }
  }

  private boolean isInterruptedAnew() {
    boolean anew = Thread.interrupted();
    interrupted |= anew;
    return anew;
  }

  private boolean isInterrupted() {
    return isInterruptedAnew() || interrupted;
  }

  private void restoreInterruption() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
