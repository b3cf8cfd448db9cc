package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An activity that a worker has taken. The worker holds it for the time that it asked for, or
 * renewed; then other workers may take it. The first result that is reported counts. Thread-safe.
 *
 * @param <I> the class of the input
 * @param <O> the class of the output
 */
public final class ActivityTask<I, O> {
  private final PersistenceProvider provider;
  private final HostJson json;
  private final EventSubscription offer;
  private final I input;

  /** Under which the activity is held. */
  private volatile String token;

  /** Whether a result was reported, or the activity was given back. */
  private volatile boolean settled;

  private volatile boolean givenBack;

  ActivityTask(
      PersistenceProvider provider, HostJson json, EventSubscription offer, String token, I input) {
    this.provider = provider;
    this.json = json;
    this.offer = offer;
    this.token = token;
    this.input = input;
  }

  /** What the workflow passed. */
  public I input() {
    return input;
  }

  /** The id of the workflow instance. */
  public String workflowId() {
    return offer.workflowId();
  }

  /**
   * Which attempt this is: 1, or more after reported failures. A worker that died without a report
   * is not counted.
   */
  public int attempt() {
    return Activities.attempt(offer);
  }

  /** A key that is the same for every attempt of this activity, by whatever worker. */
  public String idempotencyKey() {
    return offer.executionPointerId();
  }

  /**
   * Reports that the work is done. Calling again, or after another worker has reported a result,
   * has no effect.
   */
  public void complete(O output) {
    report(completed(output));
  }

  /**
   * Reports that the attempt failed. The retry policy of the step says when the activity is offered
   * again.
   *
   * @param message what is stored as the error
   */
  public void fail(String message) {
    report(Activities.failed(Objects.requireNonNull(message, "message")));
  }

  boolean isSettled() {
    return settled;
  }

  /**
   * Goes on under another token, if it was taken again, because the hold had expired.
   *
   * @return false if something else was taken, or this was given back
   */
  boolean goOnUnder(ActivityClient.Taken taken) {
    boolean isThis =
        taken.offer().id().equals(offer.id())
            && Activities.resultId(taken.offer()).equals(Activities.resultId(offer));
    if (!isThis || givenBack) {
      return false;
    }
    token = taken.token();
    return true;
  }

  /** The stored form of an output. */
  JsonNode completed(@Nullable O output) {
    return Activities.completed(json.write(output));
  }

  /** Reports a result. The first one counts. */
  void report(JsonNode result) {
    settle(() -> store(result));
  }

  /** The activity is settled unless the operation fails. */
  private void settle(Runnable operation) {
    settled = true;
    boolean isDone = false;
    try {
      operation.run();
      isDone = true;
    } finally {
      settled = isDone;
    }
  }

  private void store(JsonNode result) {
    try {
      provider.createEvent(
          Event.builder(Activities.RESULT, offer.executionPointerId())
              .id(Activities.resultId(offer))
              .eventData(result)
              .build());
    } catch (DuplicateException reported) {
      // The first result counts.
    }
    try {
      provider.terminateSubscription(offer.id(), token);
    } catch (NotFoundException over) {
      // The workflow has the result already, or another worker holds the offer (token mismatch).
    }
  }

  /**
   * Holds the activity for the duration from now on, by the database's clock.
   *
   * @return false if the hold was lost, so that another worker may have taken the activity, or if
   *     the activity is over: stop working
   */
  public boolean renew(Duration hold) {
    try {
      return provider.renewSubscriptionToken(offer.id(), token, hold);
    } catch (NotFoundException over) {
      return false;
    }
  }

  /** Gives the activity back, so that other workers can take it at once. */
  public void giveBack() {
    givenBack = true;
    settle(
        () -> {
          try {
            provider.clearSubscriptionToken(offer.id(), token);
          } catch (NotFoundException over) {
            // Somebody else has it, or it is over.
          }
        });
  }
}
