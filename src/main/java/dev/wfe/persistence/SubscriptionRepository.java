package dev.wfe.persistence;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Stores subscriptions to events. A worker holds a subscription by setting a token on it. A token
 * whose expiry is at or before the database's clock counts as absent. A token without an expiry
 * never expires. Thread-safe.
 */
public interface SubscriptionRepository {
  /**
   * Stores a subscription. Events that it covers are unprocessed again; see {@link
   * WorkflowRepository#persistWorkflowWithSubscriptions}. As long as its workflow exists and is
   * neither Complete nor Terminated, events that the subscription covers cannot be marked
   * processed. Create the workflow first, or in the same transaction.
   *
   * @param subscription an empty id is replaced by a time-ordered UUID (version 7)
   * @return the subscription's id
   * @throws DuplicateException if the id is taken; not retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  String createEventSubscription(EventSubscription subscription);

  /**
   * All subscriptions to the name and key whose {@code subscribeAsOf} is at or before the instant
   * and that no worker holds, oldest first, ties by id. For small results; otherwise use {@link
   * #getSubscriptions(String, String, Instant, int)}. The answer is about an instant, not about one
   * event: it contains subscriptions that exclude events of this time ({@link
   * EventSubscription#excludedEventIds}).
   *
   * <p>A subscription that cannot be read, because another program stored an invalid value, is left
   * out and does not count towards a limit. A warning with the row's id is logged, and {@link
   * #getSubscription} with this id throws the {@link UnreadableRowException}.
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

  /**
   * The subscriptions to many topics that no worker holds, whatever their {@code subscribeAsOf} is.
   * One round trip. Otherwise as {@link #getSubscriptions(String, String, Instant, int)}.
   *
   * @param topics any number; null elements are not allowed
   * @param limit the largest number of subscriptions to each topic; at least 1
   * @return the subscriptions, those to one topic oldest first, ties by id
   */
  List<EventSubscription> getSubscriptions(Collection<Topic> topics, int limit);

  /** The first of {@link #getSubscriptions(String, String, Instant)}, or empty. */
  Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf);

  /**
   * Takes the oldest open subscription of a topic: sets the token on the first subscription to the
   * name and key whose {@code subscribeAsOf} is at or before the database's time and that no worker
   * holds, in one statement. Concurrent callers get different subscriptions and do not wait for
   * each other.
   *
   * @param token the worker's secret
   * @param workerId the worker's public id
   * @param duration how long the token is valid, by the database's clock; positive, truncated to
   *     microseconds
   * @return the subscription with its token, or empty if none is open. A caller that gets an
   *     unknown outcome may call again; a token that was set unseen expires by itself
   * @throws InvalidValueException if a value cannot be stored; not retryable
   */
  Optional<EventSubscription> takeOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration);

  /**
   * The subscription with the id, whether or not a worker holds it.
   *
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws UnreadableRowException if the row, written by another program, cannot be read; not
   *     retryable
   */
  EventSubscription getSubscription(String id);

  /**
   * Deletes the subscription, whether or not a worker holds it.
   *
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void terminateSubscription(String id);

  /**
   * {@link #terminateSubscription(String)} for many ids, in one round trip and one commit. The
   * refusal of one element does not affect the others.
   *
   * @return one result for each element, in order: the id, or a {@link NotFoundException}
   * @throws InvalidValueException if the collection or an element is null; not retryable
   */
  List<ItemResult<String>> terminateSubscriptions(List<String> ids);

  /**
   * Deletes the subscription if its token is the given one: a compare-and-delete in one statement.
   * A worker whose token was replaced by another worker's cannot delete the subscription. An
   * expired token that was neither replaced nor cleared is accepted, because nobody else has held
   * the subscription since.
   *
   * @throws TokenMismatchException if the subscription has no token or another one; not retryable
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void terminateSubscription(String id, String token);

  /**
   * Sets the token of the subscription until an instant, if it has no valid token: a
   * compare-and-set in one statement.
   *
   * @param token the worker's secret
   * @param workerId the worker's public id
   * @param expiry when the token expires, by the database's clock
   * @return true for exactly one of any number of concurrent callers; false if the subscription has
   *     a valid token, even if it is the caller's own
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws InvalidValueException if a value cannot be stored; not retryable
   */
  boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry);

  /**
   * As {@link #setSubscriptionToken(String, String, String, Instant)}, but the token expires the
   * duration after the current time of the database. The caller's clock does not matter.
   *
   * @param duration positive; truncated to microseconds
   */
  boolean setSubscriptionToken(String id, String token, String workerId, Duration duration);

  /**
   * Renews the caller's own token: a compare-and-set in one statement. The token then expires the
   * duration after the current time of the database, whatever its expiry was before. An expired
   * token that was neither replaced nor cleared is renewed too, because nobody else has held the
   * subscription since. Calling again is safe.
   *
   * @param token the worker's secret, as it was set
   * @param duration positive; truncated to microseconds
   * @return false, with nothing changed, if the subscription has no token or another one
   * @throws NotFoundException if no subscription has the id; not retryable
   * @throws InvalidValueException if the duration is out of range; not retryable
   */
  boolean renewSubscriptionToken(String id, String token, Duration duration);

  /**
   * Clears the token of the subscription if it is the given one, whether or not it has expired.
   *
   * @throws TokenMismatchException if the subscription has no token or another one; not retryable
   * @throws NotFoundException if no subscription has the id; not retryable
   */
  void clearSubscriptionToken(String id, String token);
}
