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
 *   <li>Claim some due commands: one at first, and more while they are handled quickly. A slow
 *       handler therefore does not block other hosts from the commands that are due next.
 *   <li>Pass each to the handler, as long as the lease is held and the thread is not interrupted.
 *   <li>Settle: delete the handled commands and release the rest. Claim again in the same round
 *       trip, until nothing is due or the call's limit is reached.
 * </ol>
 *
 * <p>An interruption is remembered, so that handled commands can still be settled. The interrupt
 * status is restored when the call ends. Not thread-safe.
 */
final class CommandProcessor {
  private static final int MAX_CLAIMED = 64;
  private static final int GROWTH = 8;
  private static final long FAST_NANOS = 100_000_000;

  private final CommandClaims claims;
  private final LongFunction<LeaseRenewer> renewers;
  private final CommandHandler handler;
  private final int limit;
  private final List<ProcessedCommands.Failure> failures = new ArrayList<>();
  private int passedCount;
  private long handledCount;
  private long failedCount;
  private boolean interrupted;

  /**
   * Creates one call.
   *
   * @param renewers starts renewing a lease that was requested at the given {@link System#nanoTime}
   * @param limit the maximum number of commands to pass to the handler
   */
  CommandProcessor(
      CommandClaims claims,
      LongFunction<LeaseRenewer> renewers,
      CommandHandler handler,
      int limit) {
    this.claims = claims;
    this.renewers = renewers;
    this.handler = handler;
    this.limit = limit;
  }

  ProcessedCommands run(long asOfMillis) {
    if (!Thread.currentThread().isInterrupted()) {
      long requestedNanos = System.nanoTime();
      List<ClaimedCommand> claimed = claims.claim(asOfMillis, 1);
      if (!claimed.isEmpty()) {
        try (LeaseRenewer lease = renewers.apply(requestedNanos)) {
          handleAll(asOfMillis, claimed, lease);
        } finally {
          restoreInterruption();
        }
      }
      claims.unreadable().forEach(this::failed);
    }
    return new ProcessedCommands(handledCount, failedCount, failures);
  }

  private void handleAll(long asOfMillis, List<ClaimedCommand> first, LeaseRenewer lease) {
    List<ClaimedCommand> claimed = first;
    int batch = 1;
    while (!claimed.isEmpty()) {
      List<ClaimedCommand> handled = new ArrayList<>();
      long start = System.nanoTime();
      handle(claimed, handled, lease);
      long end = System.nanoTime();
      batch = end - start < FAST_NANOS ? Math.min(GROWTH * batch, MAX_CLAIMED) : 1;
      int next = Math.min(batch, limit - passedCount);
      claimed =
          next > 0 && mayContinue(lease)
              ? settleAndClaim(claimed, handled, asOfMillis, next)
              : settleAndEnd(claimed, handled);
      handledCount += handled.size();
      lease.extendedAt(end);
    }
  }

  /** Passes the commands to the handler and collects those that it handled. */
  private void handle(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, LeaseRenewer lease) {
    for (ClaimedCommand command : claimed) {
      if (!mayContinue(lease)) {
        return;
      }
      passedCount++;
      if (isHandled(command)) {
        handled.add(command);
      }
    }
  }

  private boolean mayContinue(LeaseRenewer lease) {
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

  /**
   * Settles without claiming; returns an empty list. It is safe to repeat after an ambiguous
   * outcome, so it is repeated if an interruption caused the failure.
   */
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

  /**
   * Rethrows the failure unless an interruption of the thread caused it: an interruption during a
   * statement must not prevent settling.
   */
  private void requireInterrupted(StoreException failure) {
    if (!consumeInterruption()) {
      throw failure;
    }
  }

  private boolean consumeInterruption() {
    boolean interruptedNow = Thread.interrupted();
    interrupted |= interruptedNow;
    return interruptedNow;
  }

  private boolean isInterrupted() {
    return consumeInterruption() || interrupted;
  }

  private void restoreInterruption() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
