package dev.wfe.postgres.internal.repository;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.Priority;
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

  /** The due workflows of one version of a definition that have one priority. */
  record Queue(DefinitionVersion definition, Priority priority) {
    static Queue of(ClaimedWorkflow claimed) {
      LiveWorkflow workflow = claimed.workflow();
      return new Queue(
          new DefinitionVersion(workflow.workflowDefinitionId(), workflow.version()),
          workflow.priority());
    }
  }

  /** A place in a queue. */
  record Place(long dueTime, String id) {
    /** Before all others. */
    static final Place BEGINNING = new Place(Long.MIN_VALUE, "");

    static Place of(ClaimedWorkflow claimed) {
      return new Place(dueTimeOf(claimed), claimed.claim().id());
    }

    static Place later(Place one, Place other) {
      return other.dueTime() < one.dueTime() ? one : other;
    }
  }

  /**
   * Behind what a claim goes on.
   *
   * @param behind the places in queues; a queue that is missing is read from the beginning
   * @param isOfBacklog whether the claim before it found as much as it asked for
   */
  record Places(Map<Queue, Place> behind, boolean isOfBacklog) {
    Place in(Queue queue) {
      return behind.getOrDefault(queue, Place.BEGINNING);
    }
  }

  /**
   * Where claims go on.
   *
   * @param longClaims how many claims from the beginning took long in a row
   * @param places null if the next claim begins with the earliest due times
   * @param time how long they go on
   * @param endNanos until when they go on
   */
  private record Position(int longClaims, @Nullable Places places, Duration time, long endNanos) {
    static Position of(int longClaims, @Nullable Places places, Duration time) {
      return new Position(longClaims, places, time, System.nanoTime() + time.toNanos());
    }

    Position at(Places other) {
      return new Position(longClaims, other, time, endNanos);
    }
  }

  /** Behind which places the next claim goes on; null if it begins with the earliest due times. */
  synchronized @Nullable Places next(List<DefinitionVersion> definitions) {
    Position position = positions.get(definitions);
    if (position == null || position.places() == null) {
      return null;
    }
    if (System.nanoTime() - position.endNanos() < 0) {
      return position.places();
    }
    // This claim begins with the earliest due times; others go on meanwhile.
    positions.put(
        definitions, Position.of(position.longClaims(), position.places(), position.time()));
    return null;
  }

  /**
   * Takes the result of a claim into account.
   *
   * @param places what {@link #next} returned before it
   * @param isFull whether it found as much as it asked for
   * @param took how long it took
   */
  synchronized void claimed(
      List<DefinitionVersion> definitions,
      @Nullable Places places,
      ClaimedWorkflows result,
      boolean isFull,
      Duration took) {
    if (isFull && result.workflows().isEmpty()) {
      return; // others were faster
    }
    Position before = positions.get(definitions);
    if (places == null) {
      begin(definitions, before, result, isFull, took);
    } else if (before != null && before.places() != null) {
      boolean isSlow = before.longClaims() >= longClaims;
      if (isFull || isSlow) {
        positions.put(
            definitions, before.at(places(before.places(), definitions, result, isFull, isSlow)));
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
    boolean isSlow = inARow >= longClaims;
    if (inARow == 0 && !isFull) {
      positions.remove(definitions);
      return;
    }
    if (before == null && positions.size() >= MAX_POSITIONS) {
      positions.clear();
    }
    Places nowhere = new Places(Map.of(), isFull);
    positions.put(
        definitions,
        Position.of(
            inARow,
            isFull || isSlow ? places(nowhere, definitions, result, isFull, isSlow) : null,
            took.multipliedBy(times)));
  }

  /**
   * Behind the last workflow of each queue in a backlog, otherwise shortly before the first one.
   *
   * @param isSlow whether a queue of which nothing was claimed is not read from the beginning
   */
  private static Places places(
      Places before,
      List<DefinitionVersion> definitions,
      ClaimedWorkflows result,
      boolean isFull,
      boolean isSlow) {
    Map<Queue, Place> found = new HashMap<>();
    for (ClaimedWorkflow claimed : result.workflows()) {
      if (isFull) {
        found.put(Queue.of(claimed), Place.of(claimed));
      } else {
        found.putIfAbsent(Queue.of(claimed), before(dueTimeOf(claimed)));
      }
    }
    if (isSlow) {
      Place now = before(result.time().toEpochMilli());
      for (DefinitionVersion definition : definitions) {
        for (Priority priority : Priority.values()) {
          found.putIfAbsent(new Queue(definition, priority), now);
        }
      }
    }
    Map<Queue, Place> behind = new HashMap<>(before.behind());
    found.forEach((queue, place) -> behind.merge(queue, place, Place::later));
    return new Places(behind, isFull);
  }

  private static Place before(long dueTime) {
    return new Place(Math.max(Long.MIN_VALUE + MARGIN_MILLIS, dueTime) - MARGIN_MILLIS, "");
  }

  private static long dueTimeOf(ClaimedWorkflow claimed) {
    Long dueTime = claimed.workflow().nextExecution();
    return dueTime == null ? Long.MIN_VALUE : dueTime;
  }
}
