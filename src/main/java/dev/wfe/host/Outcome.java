package dev.wfe.host;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Something that happened to a pointer and has to be stored. Immutable. */
sealed interface Outcome {
  /** The id of the pointer. */
  String pointerId();

  /**
   * A step returned.
   *
   * @param data the class of the data that it has seen
   * @param merge puts its output into data of this class; null if it has no output
   * @param json the output as it is stored, or null
   * @param started when it began
   */
  record Succeeded(
      String pointerId,
      JavaType data,
      @Nullable UnaryOperator<?> merge,
      @Nullable JsonNode json,
      Instant started)
      implements Outcome {}

  /**
   * A step failed.
   *
   * @param message what is stored as the error
   * @param retryAfter the pause before the next attempt; null if this was the last
   * @param started when it began
   */
  record Failed(String pointerId, String message, @Nullable Duration retryAfter, Instant started)
      implements Outcome {}

  /**
   * An event arrived for a wait.
   *
   * @param eventTime the time of the event
   */
  record Delivered(String pointerId, String eventId, Instant eventTime, JsonNode payload)
      implements Outcome {
    static Delivered of(String pointerId, Event event) {
      return new Delivered(
          pointerId, event.id(), Objects.requireNonNull(event.eventTime()), event.eventData());
    }
  }

  /** The time of a wait is over and no event has come. */
  record TimedOut(String pointerId) implements Outcome {}

  /**
   * Old iterations of a block are deleted.
   *
   * @param all of how many iterations the pointers are gone then
   * @param pointerIds the pointers to delete
   */
  record Trimmed(String pointerId, int all, Set<String> pointerIds) implements Outcome {
    /** Copies the set. */
    public Trimmed {
      pointerIds = Set.copyOf(pointerIds);
    }
  }

  /**
   * It is known which steps of a failed saga have to be compensated.
   *
   * @param steps their pointers, in the order of compensation
   * @param blocks the pointers of the blocks in which they stand
   * @param isLast whether there are no more
   */
  record Compensated(
      String pointerId, List<ExecutionPointer> steps, List<ExecutionPointer> blocks, boolean isLast)
      implements Outcome {
    /** Copies the lists. */
    public Compensated {
      steps = List.copyOf(steps);
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * The time of a schedule has come.
   *
   * @param isPredecessorRunning whether the last workflow has to end before the next one starts
   */
  record Recurred(String pointerId, boolean isPredecessorRunning) implements Outcome {}

  /** The step cannot go on, whatever its policy says: the workflow is suspended. */
  record Blocked(String pointerId, String message) implements Outcome {}
}
