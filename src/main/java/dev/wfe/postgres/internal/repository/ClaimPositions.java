package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where claims of workflows go on. A claim begins with the earliest due time, and passes over what
 * is leased. Two things make that take long:
 *
 * <ul>
 *   <li>A backlog, in which the earliest workflows are all leased. After a claim that found as many
 *       as it asked for, the next ones go on behind the last one that it returned.
 *   <li>A transaction that keeps an old snapshot: entries of all workflows that were executed since
 *       then stay in the index. After several claims in a row that took long, the next ones go on
 *       shortly before the earliest workflow that was found.
 * </ul>
 *
 * <p>What becomes due at an earlier time, or is given back, is found by the next claim from the
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
   * @param times how many times as long as the claim from the beginning took the next ones go on
   */
  public ClaimPositions(Duration patience, int longClaims, int times) {
    this.patience = patience;
    this.longClaims = longClaims;
    this.times = times;
  }

  /**
   * Behind what a claim goes on.
   *
   * @param isOfBacklog whether the claim before it found as much as it asked for
   */
  record Place(long dueTime, String id, boolean isOfBacklog) {}

  /**
   * Where claims go on.
   *
   * @param longClaims how many claims from the beginning took long in a row
   * @param place null if the next claim begins with the earliest due time
   * @param time how long they go on
   * @param endNanos until when they go on
   */
  private record Position(int longClaims, @Nullable Place place, Duration time, long endNanos) {
    static Position of(int longClaims, @Nullable Place place, Duration time) {
      return new Position(longClaims, place, time, System.nanoTime() + time.toNanos());
    }

    Position at(Place other) {
      return new Position(longClaims, other, time, endNanos);
    }
  }

  /** Behind which place the next claim goes on; null if it begins with the earliest due time. */
  synchronized @Nullable Place next(List<DefinitionVersion> definitions) {
    Position position = positions.get(definitions);
    if (position == null || position.place() == null) {
      return null;
    }
    if (System.nanoTime() - position.endNanos() < 0) {
      return position.place();
    }
    // This claim begins with the earliest due time; others go on meanwhile.
    positions.put(
        definitions, Position.of(position.longClaims(), position.place(), position.time()));
    return null;
  }

  /**
   * Takes the result of a claim into account.
   *
   * @param place what {@link #next} returned before it
   * @param isFull whether it found as much as it asked for
   * @param took how long it took
   */
  synchronized void claimed(
      List<DefinitionVersion> definitions,
      @Nullable Place place,
      ClaimedWorkflows result,
      boolean isFull,
      Duration took) {
    if (isFull && result.workflows().isEmpty()) {
      return; // others were faster
    }
    Position before = positions.get(definitions);
    if (place == null) {
      begin(definitions, before, result, isFull, took);
    } else if (before != null && before.place() != null) {
      if (isFull || before.longClaims() >= longClaims) {
        positions.put(definitions, before.at(later(before.place(), place(result, isFull))));
      } else {
        positions.remove(definitions);
      }
    }
  }

  private void begin(
      List<DefinitionVersion> definitions,
      @Nullable Position before,
      ClaimedWorkflows result,
      boolean isFull,
      Duration took) {
    int inARow = 0;
    if (took.compareTo(patience) >= 0) {
      inARow = before == null ? 1 : Math.min(before.longClaims() + 1, longClaims);
    }
    if (inARow == 0 && !isFull) {
      positions.remove(definitions);
      return;
    }
    if (before == null && positions.size() >= MAX_POSITIONS) {
      positions.clear();
    }
    positions.put(
        definitions,
        Position.of(
            inARow,
            isFull || inARow >= longClaims ? place(result, isFull) : null,
            took.multipliedBy(times)));
  }

  private static Place later(Place one, Place other) {
    return other.dueTime() < one.dueTime() ? one : other;
  }

  /** Behind the last workflow in a backlog, otherwise shortly before the first one. */
  private static Place place(ClaimedWorkflows result, boolean isFull) {
    List<ClaimedWorkflow> workflows = result.workflows();
    if (isFull) {
      ClaimedWorkflow last = workflows.get(workflows.size() - 1);
      return new Place(dueTime(last), last.claim().id(), true);
    }
    long earliest = workflows.isEmpty() ? result.time().toEpochMilli() : dueTime(workflows.get(0));
    return new Place(Math.max(Long.MIN_VALUE + MARGIN_MILLIS, earliest) - MARGIN_MILLIS, "", false);
  }

  private static long dueTime(ClaimedWorkflow claimed) {
    Long dueTime = claimed.workflow().nextExecution();
    return dueTime == null ? Long.MIN_VALUE : dueTime;
  }
}
