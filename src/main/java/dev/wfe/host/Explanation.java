package dev.wfe.host;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.EventSummary;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an instance does or does not go on. Immutable.
 *
 * @param id the instance's id
 * @param name its unique name
 * @param workflowDefinitionId the id of its definition
 * @param version the version of its definition
 * @param status its status
 * @param reasons what it is in or waits for; the ones that hold back the whole instance come first.
 *     Empty if it is Runnable, not scheduled, and waits for nothing: then only a call can wake it
 */
public record Explanation(
    String id,
    String name,
    String workflowDefinitionId,
    int version,
    WorkflowStatus status,
    List<Reason> reasons) {
  /** Copies the list. */
  public Explanation {
    reasons = List.copyOf(reasons);
  }

  /** One reason. Its {@code toString} is a sentence for people. */
  public sealed interface Reason {}

  /**
   * It has ended.
   *
   * @param status Complete or Terminated
   * @param since when it ended, or null if that is not stored
   */
  public record Ended(WorkflowStatus status, @Nullable Instant since) implements Reason {
    @Override
    public String toString() {
      return "is %s since %s".formatted(status.word(), since == null ? "an unknown time" : since);
    }
  }

  /**
   * It is suspended, by a call or because a step failed for the last time.
   *
   * @param lastError the newest error that is stored of it, or null
   * @param errorTime when that occurred, or null
   */
  public record Suspended(@Nullable String lastError, @Nullable Instant errorTime)
      implements Reason {
    @Override
    public String toString() {
      return lastError == null
          ? "is suspended; no error of it is stored"
          : "is suspended; its last error, of %s: %s".formatted(errorTime, lastError);
    }
  }

  /**
   * A host executes it, or had it when it died.
   *
   * @param owner the host
   * @param until when its lease expires unless it is renewed
   */
  public record Leased(String owner, Instant until) implements Reason {
    @Override
    public String toString() {
      return "is leased by %s until %s".formatted(owner, until);
    }
  }

  /**
   * It is due, and no host has claimed it: none is running, none knows its definition, or all are
   * busy.
   *
   * @param since since when it is due; the start of 1970 if at once
   */
  public record Unclaimed(Instant since) implements Reason {
    @Override
    public String toString() {
      return Instant.EPOCH.equals(since)
          ? "is due, and no host has claimed it"
          : "is due since %s, and no host has claimed it".formatted(since);
    }
  }

  /**
   * It is not due yet.
   *
   * @param at when it is due
   */
  public record Scheduled(Instant at) implements Reason {
    @Override
    public String toString() {
      return "is due at %s".formatted(at);
    }
  }

  /**
   * A step failed for the last time.
   *
   * @param step the name of the step
   * @param error the message, or null
   */
  public record FailedStep(String step, @Nullable String error) implements Reason {
    @Override
    public String toString() {
      return "step %s has failed: %s".formatted(step, error == null ? "no message" : error);
    }
  }

  /**
   * A step sleeps: a delay, or a pause before the next attempt.
   *
   * @param step the name of the step
   * @param until until when, or null
   * @param failures how many of its attempts have failed
   */
  public record Sleeping(String step, @Nullable Instant until, int failures) implements Reason {
    @Override
    public String toString() {
      return "step %s sleeps until %s; failed attempts: %s".formatted(step, until, failures);
    }
  }

  /**
   * A step waits for an event.
   *
   * @param step the name of the step
   * @param eventName the name of the event
   * @param eventKey the key of the event
   * @param since since when, or null
   * @param nearMisses the newest events of that name with another key that came since then
   */
  public record WaitingForEvent(
      String step,
      String eventName,
      String eventKey,
      @Nullable Instant since,
      List<EventSummary> nearMisses)
      implements Reason {
    /** Copies the list. */
    public WaitingForEvent {
      nearMisses = List.copyOf(nearMisses);
    }

    @Override
    public String toString() {
      String others =
          nearMisses.isEmpty()
              ? ""
              : "; events with other keys came: "
                  + nearMisses.stream().map(EventSummary::eventKey).distinct().toList();
      return "step %s waits for event %s with key %s since %s%s"
          .formatted(step, eventName, eventKey, since, others);
    }
  }

  /**
   * A step waits for the result of an activity.
   *
   * @param step the name of the step
   * @param activity the name of the activity type
   * @param workerId the worker that holds it; null if it is offered, and no worker has taken it
   * @param until when the hold expires; null if there is none
   */
  public record WaitingForWorker(
      String step, String activity, @Nullable String workerId, @Nullable Instant until)
      implements Reason {
    @Override
    public String toString() {
      return workerId == null
          ? "step %s is offered as activity %s; no worker has taken it".formatted(step, activity)
          : "step %s is with worker %s as activity %s until %s"
              .formatted(step, workerId, activity, until);
    }
  }
}
