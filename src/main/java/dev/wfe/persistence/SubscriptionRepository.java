package dev.wfe.persistence;

import dev.wfe.model.EventSubscription;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps subscriptions to events, and the tokens under which workers hold them. A token whose expiry
 * is at or before the database's clock counts as absent; one without an expiry never expires.
 * Thread-safe.
 */
public interface SubscriptionRepository {
  /**
   * Stores a subscription. Events that it covers are unprocessed again; see {@link
   * WorkflowRepository#persistWorkflowWithSubscriptions}. It holds events back while its workflow
   * is there and neither Complete nor Terminated: create the workflow before, or in the same
   * transaction.
   *
   * @param subscription an empty id is replaced by a time-ordered UUID (version 7)
   * @return the subscription's id
   * @throws DuplicateException if the id is taken; not retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  String createEventSubscription(EventSubscription subscription);

  /**
   * All subscriptions to the name and key whose {@code subscribeAsOf} is at or before the instant
   * and that no worker holds, oldest first. For small answers; see {@link #getSubscriptions(String,
   * String, Instant, int)}.
   *
   * <p>A subscription that cannot be read, because another program wrote what has no meaning, is
   * left out and does not count for a limit: a warning is logged with the row's id, and {@link
   * #getSubscription} with its id fails with the {@link UnreadableRowException}.
   *
   * @param asOf any instant: the time of an event
   */
  List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf);

  /**
   * The first {@code limit} of {@link #getSubscriptions(String, String, Instant)}.
   *
   * @param limit at least 1
   */
  List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit);

  /** The first of {@link #getSubscriptions(String, String, Instant)}, or empty. */
  Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf);

  /**
   * The subscription with the id, held or not.
   *
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws UnreadableRowException if another program wrote what cannot be read; not retryable
   */
  EventSubscription getSubscription(String id);

  /**
   * Removes the subscription, held or not.
   *
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void terminateSubscription(String id);

  /**
   * Removes the subscription if it is held under the token: a compare-and-delete in one statement.
   * A worker whose hold was replaced by another's cannot end the subscription under the other's
   * hands. An expired hold that nobody has replaced or cleared still ends it, because nobody else
   * has held the subscription since.
   *
   * @throws TokenMismatchException if it is not held, or under another token; not retryable
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void terminateSubscription(String id, String token);

  /**
   * Takes hold of the subscription until an instant, if nobody holds it: a compare-and-set in one
   * statement.
   *
   * @param token the holder's secret
   * @param workerId who the holder is, to be seen by others
   * @param expiry when the hold ends, by the database's clock
   * @return true for exactly one of any number of contenders; false while a token is held, the
   *     caller's own included
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws InvalidValueException if a value cannot be stored; not retryable
   */
  boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry);

  /**
   * As {@link #setSubscriptionToken(String, String, String, Instant)}, for a time from the
   * database's now on, so that the caller's clock does not matter.
   *
   * @param duration whole microseconds count; positive
   */
  boolean setSubscriptionToken(String id, String token, String workerId, Duration duration);

  /**
   * Renews the caller's own hold: a compare-and-set in one statement. The hold ends the duration
   * after the database's now, instead of when it ended before, be that later, earlier or never. An
   * expired hold that nobody has replaced or cleared is renewed too, because nobody else has held
   * the subscription since. Calling again is safe.
   *
   * @param token the holder's secret, as it was set
   * @param duration whole microseconds count; positive
   * @return false, with nothing changed, if the subscription is not held, or under another token
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws InvalidValueException if the duration is out of range; not retryable
   */
  boolean renewSubscriptionToken(String id, String token, Duration duration);

  /**
   * Lets go of the subscription, if it is held under the token; an expired hold may be let go too.
   *
   * @throws TokenMismatchException if it is not held, or under another token; not retryable
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void clearSubscriptionToken(String id, String token);
}
