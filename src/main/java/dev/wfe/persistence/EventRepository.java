package dev.wfe.persistence;

import dev.wfe.model.Event;
import dev.wfe.model.Topic;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stores published events. Thread-safe. */
public interface EventRepository {
  /**
   * Stores an event.
   *
   * @param event an empty id is replaced by a time-ordered UUID (version 7), an absent time by the
   *     database's clock
   * @return the event's id
   * @throws DuplicateException if the id is taken; not retryable
   * @throws InvalidValueException if a field cannot be stored; not retryable
   */
  String createEvent(Event event);

  /**
   * {@link #createEvent} for many events, in one round trip and one commit. The refusal of one
   * element does not affect the others. An unknown outcome covers the whole batch.
   *
   * @param events any number; together at most 512 MiB
   * @return one result for each element, in order
   * @throws InvalidValueException if the list is null or too large as a whole; not retryable
   */
  List<ItemResult<String>> createEvents(List<Event> events);

  /**
   * The event with the id.
   *
   * @throws NotFoundException if no event has the id; not retryable
   * @throws UnreadableRowException if the row, written by another program, cannot be read; not
   *     retryable
   */
  Event getEvent(String id);

  /**
   * The ids of all unprocessed events whose time is at or before the instant, oldest first, ties by
   * id. For small results; otherwise use {@link #getRunnableEvents(Instant, int)}.
   *
   * @param asAt any instant, by the caller's clock
   */
  List<String> getRunnableEvents(Instant asAt);

  /**
   * The first {@code limit} of {@link #getRunnableEvents(Instant)}.
   *
   * @param limit at least 1
   */
  List<String> getRunnableEvents(Instant asAt, int limit);

  /**
   * A page of {@link #getRunnableEvents(Instant)}: the first {@code limit} after a position. Use it
   * if more than {@code limit} events may stay unprocessed for long, because the other forms always
   * begin with the oldest event.
   *
   * <p>Events that are added at or before the position are not returned until a page starts from
   * the beginning. Events to which another program gave an infinite time are left out.
   *
   * @param limit at least 1
   * @param after {@link Page#next()} of the previous page; null to start from the beginning
   * @throws InvalidValueException if the position's time is null, or its id is null or not storable
   *     text; not retryable
   */
  Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after);

  /**
   * The ids of all events of the name and key whose time is at or before the instant, processed or
   * not, oldest first, ties by id. For small results; otherwise use {@link #getEvents(String,
   * String, Instant, int)}.
   *
   * @param asOf any instant
   */
  List<String> getEvents(String eventName, String eventKey, Instant asOf);

  /**
   * The first {@code limit} of {@link #getEvents(String, String, Instant)}.
   *
   * @param limit at least 1
   */
  List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit);

  /**
   * The ids of all events of the name and key whose time is at or after the instant, processed or
   * not, oldest first, ties by id. These are the events that a subscription with this {@code
   * subscribeAsOf} covers, except those that it excludes. For small results; otherwise use {@link
   * #getEventsSince(String, String, Instant, int)}.
   *
   * @param from any instant
   */
  List<String> getEventsSince(String eventName, String eventKey, Instant from);

  /**
   * The first {@code limit} of {@link #getEventsSince(String, String, Instant)}.
   *
   * @param limit at least 1
   */
  List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit);

  /**
   * The first events of many topics whose time is at or after an instant, processed or not, oldest
   * first, ties by id. One round trip. Events to which another program gave an infinite time are
   * left out.
   *
   * @param from the topics, each with any instant
   * @param limit the largest number of events of each topic; at least 1
   * @return the positions of the events by topic; topics without such events are left out
   * @throws InvalidValueException if a parameter or an element is null; not retryable
   */
  Map<Topic, List<Position>> getEventsSince(Map<Topic, Instant> from, int limit);

  /**
   * The events with the ids, in the order asked; missing ids are left out. One round trip.
   *
   * <p>An event that cannot be read, because another program stored an invalid value, is left out.
   * A warning with the row's id is logged.
   *
   * @throws InvalidValueException if the collection or an element is null; not retryable
   */
  List<Event> getEvents(Collection<String> ids);

  /**
   * Marks the event as processed, unless a subscription covers it: the event has to be delivered to
   * that subscription first. Subscriptions of workflows that are Complete, Terminated or missing do
   * not count. A lease on an event that is marked ends. Idempotent.
   *
   * <p>A new subscription makes a limited number of the events that it covers unprocessed again. If
   * it covers more, each call that returns false because of this subscription makes the next 1,000
   * unprocessed.
   *
   * @return false, with the event unchanged, if a subscription covers the event, whether or not its
   *     token is held
   * @throws NotFoundException if no event has the id; not retryable
   */
  boolean markEventProcessed(String id);

  /**
   * {@link #markEventProcessed} for many events. Events that no subscription covers are marked in
   * one round trip and one commit; events whose topics other callers are changing at this moment,
   * and events that subscriptions cover, take one round trip each. The refusal of one element does
   * not affect the others.
   *
   * @return one result for each element, in order: what {@link #markEventProcessed} returns, or the
   *     exception that it throws
   * @throws InvalidValueException if the list or an element is null; not retryable
   */
  List<ItemResult<Boolean>> markEventsProcessed(List<String> ids);

  /**
   * Marks the event as unprocessed, so that hosts deliver it again. Idempotent.
   *
   * @throws NotFoundException if no event has the id; not retryable
   */
  void markEventUnprocessed(String id);
}
