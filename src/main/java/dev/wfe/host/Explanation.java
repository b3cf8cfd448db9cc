package dev.wfe.host;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.EventSummary;
import java.time.Duration;
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
   * A host executes it, or had it when it died. An instance that was terminated by a call is leased
   * until its steps under way have ended.
   *
   * @param owner the host
   * @param until when its lease expires unless it is renewed
   * @param steps the names of the steps that it executes or can execute, in the order in which they
   *     began; at most 20. A step that is executed is not stored as such
   */
  public record Leased(String owner, Instant until, List<String> steps) implements Reason {
    /** Copies the list. */
    public Leased {
      steps = List.copyOf(steps);
    }

    @Override
    public String toString() {
      return "is leased by %s until %s%s"
          .formatted(owner, until, steps.isEmpty() ? "" : "; steps to execute: " + steps);
    }
  }

  /**
   * It is due, and no host has claimed it. A further reason says what the hosts that have
   * registered themselves tell about it.
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
   * No host is live. Programs that do not register themselves, such as hosts of the Rust provider,
   * are unknown.
   *
   * @param lastHost the host with the latest heartbeat, or null if none is known
   * @param lastSeen when that was
   */
  public record NoLiveHost(@Nullable String lastHost, @Nullable Instant lastSeen)
      implements Reason {
    @Override
    public String toString() {
      return lastHost == null
          ? "no host is live; none has registered itself"
          : "no host is live; the last heartbeat came from %s at %s".formatted(lastHost, lastSeen);
    }
  }

  /**
   * Hosts are live, and none of them executes the version of its definition.
   *
   * @param definitionId the id of the definition
   * @param version the version that none executes
   * @param liveVersions the versions that live hosts execute; of the 100 hosts with the latest
   *     heartbeats
   */
  public record UnknownDefinition(String definitionId, int version, List<Integer> liveVersions)
      implements Reason {
    /** Copies the list. */
    public UnknownDefinition {
      liveVersions = List.copyOf(liveVersions);
    }

    @Override
    public String toString() {
      return "no live host knows definition %s version %s; %s"
          .formatted(
              definitionId,
              version,
              liveVersions.isEmpty()
                  ? "none knows another version"
                  : "known versions: " + liveVersions);
    }
  }

  /**
   * It is due, and live hosts execute its definition: they are busy, or have not looked for work
   * since it became due. Which of the two is not stored.
   *
   * @param hosts the names of these hosts, at most 20
   */
  public record KnownTo(List<String> hosts) implements Reason {
    /** Copies the list. */
    public KnownTo {
      hosts = List.copyOf(hosts);
    }

    @Override
    public String toString() {
      return "live hosts that execute its definition are busy, or have not looked yet: " + hosts;
    }
  }

  /** What a limit counts. */
  public enum LimitKind {
    /** The workflows of a definition that are executed at a time. */
    CONCURRENCY,
    /** Those with the same key. */
    CONCURRENCY_PER_KEY,
    /** The claims in a period. */
    RATE
  }

  /**
   * It is due, and a limit of its definition holds it back, at all live hosts that execute the
   * definition (20 of them are asked).
   *
   * @param kind what the limit counts
   * @param used how many are counted now
   * @param allowed how many are allowed
   * @param key the key of the instance, if the limit is one of keys; otherwise null
   * @param period the period of a rate; otherwise null
   * @param next when a rate allows the next one, at about; otherwise null, because that depends on
   *     when others end
   */
  public record LimitReached(
      LimitKind kind,
      long used,
      int allowed,
      @Nullable String key,
      @Nullable Duration period,
      @Nullable Instant next)
      implements Reason {
    @Override
    public String toString() {
      return switch (kind) {
        case CONCURRENCY ->
            "is held back by the limit of its definition: %s of %s are executed"
                .formatted(used, allowed);
        case CONCURRENCY_PER_KEY ->
            "is held back by the limit of key %s: %s of %s are executed"
                .formatted(key, used, allowed);
        case RATE ->
            "is held back by the rate of its definition: %s of %s were claimed in %s; the next one can start at about %s"
                .formatted(used, allowed, period, next);
      };
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
