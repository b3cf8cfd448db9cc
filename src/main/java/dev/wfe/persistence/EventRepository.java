package dev.wfe.persistence;

import dev.wfe.model.Event;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps published events. Thread-safe. */
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
   * The event with the id.
   *
   * @throws NotFoundException if no event has the id; not retryable
   * @throws UnreadableRowException if another program wrote what cannot be read; not retryable
   */
  Event getEvent(String id);

  /**
   * The ids of all unprocessed events whose time is at or before the instant, oldest first. For
   * small answers; see {@link #getRunnableEvents(Instant, int)}.
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
   * A page of {@link #getRunnableEvents(Instant)}: the first {@code limit} behind a position. Use
   * it where more than {@code limit} may wait for long, because the other forms always begin with
   * the oldest.
   *
   * <p>Events whose time is not behind the position are not seen until a page starts from the
   * beginning. Events whose time is infinite are left out.
   *
   * @param limit at least 1
   * @param after {@link Page#next()} of the page before; null to start from the beginning
   * @throws InvalidValueException if the position holds what cannot be stored; not retryable
   */
  Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after);

  /**
   * The ids of all events of the name and key whose time is at or before the instant, processed or
   * not, oldest first. For small answers; see {@link #getEvents(String, String, Instant, int)}.
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
   * not, oldest first: those that a subscription as of the instant covers. For small answers; see
   * {@link #getEventsSince(String, String, Instant, int)}.
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
   * Notes that hosts are done with the event, unless a subscription covers it: then the event must
   * be delivered first. Subscriptions of workflows that are Complete, Terminated or missing do not
   * count. Repeatable.
   *
   * <p>Where a subscription covers more processed events than could come back when it was stored,
   * each call that is refused for it brings back the next 1,000.
   *
   * @return false, with the event unchanged, if a subscription covers the event, whether or not its
   *     token is held
   * @throws NotFoundException if no event has the id; not retryable
   */
  boolean markEventProcessed(String id);

  /**
   * Notes that hosts are to look at the event again. Repeatable.
   *
   * @throws NotFoundException if no event has the id; not retryable
   */
  void markEventUnprocessed(String id);
}
