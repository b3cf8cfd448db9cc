package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From which due times claims of workflows go on. Usually each claim begins with the earliest due
 * time. While a transaction keeps an old snapshot, entries of all workflows that were executed
 * since then stay in the index, and such a claim takes longer and longer. So after several claims
 * in a row that took long, the next ones go on shortly before the earliest workflow that was found.
 * What becomes due at an earlier time, or is given back, is found by the next claim from the
 * beginning. Thread-safe.
 */
public final class ClaimPositions {
  /** How much earlier a workflow may be due than one that was stored before it. */
  private static final long MARGIN_MILLIS = 1_000;

  private static final int MAX_POSITIONS = 1_000;

  private final Duration patience;
  private final int longClaims;
  private final int times;
  private final Map<List<DefinitionVersion>, Position> positions = new HashMap<>();

  /**
   * Begins with the earliest due times.
   *
   * @param patience from which time on a claim from the beginning takes long
   * @param longClaims after how many such claims in a row the next ones go on
   * @param times how many times as long as the last of them these go on
   */
  public ClaimPositions(Duration patience, int longClaims, int times) {
    this.patience = patience;
    this.longClaims = longClaims;
    this.times = times;
  }

  /**
   * Where claims go on.
   *
   * @param longClaims how many claims from the beginning took long in a row
   * @param since the due time, in epoch milliseconds
   * @param endNanos until when
   */
  private record Position(int longClaims, long since, long endNanos) {}

  /** The due time from which the next claim goes on; null if it begins with the earliest one. */
  synchronized @Nullable Long since(List<DefinitionVersion> definitions) {
    Position position = positions.get(definitions);
    return position == null
            || position.longClaims() < longClaims
            || System.nanoTime() - position.endNanos() >= 0
        ? null
        : position.since();
  }

  /**
   * Takes the result of a claim into account.
   *
   * @param since what {@link #since} returned before it
   * @param took how long it took
   */
  synchronized void claimed(
      List<DefinitionVersion> definitions,
      @Nullable Long since,
      ClaimedWorkflows result,
      Duration took) {
    if (since != null) {
      positions.computeIfPresent(
          definitions,
          (key, position) ->
              new Position(
                  position.longClaims(),
                  Math.max(position.since(), next(result)),
                  position.endNanos()));
    } else if (took.compareTo(patience) < 0) {
      positions.remove(definitions);
    } else {
      Position before = positions.get(definitions);
      if (before == null && positions.size() >= MAX_POSITIONS) {
        positions.clear();
      }
      int inARow = before == null ? 1 : Math.min(before.longClaims() + 1, longClaims);
      long endNanos = System.nanoTime() + took.multipliedBy(times).toNanos();
      positions.put(definitions, new Position(inARow, next(result), endNanos));
    }
  }

  private static long next(ClaimedWorkflows result) {
    long earliest =
        result.workflows().stream()
            .mapToLong(claimed -> dueTime(claimed.workflow().nextExecution()))
            .min()
            .orElse(result.time().toEpochMilli());
    return Math.max(Long.MIN_VALUE + MARGIN_MILLIS, earliest) - MARGIN_MILLIS;
  }

  private static long dueTime(@Nullable Long nextExecution) {
    return nextExecution == null ? Long.MIN_VALUE : nextExecution;
  }
}
