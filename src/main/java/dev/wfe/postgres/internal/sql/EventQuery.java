package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.SortDirection;
import dev.wfe.postgres.entity.EventEntity;
import jakarta.persistence.criteria.Selection;
import java.util.List;

/** Events that meet a filter. Thread-safe. */
public final class EventQuery extends EntityQuery<EventEntity> {
  private final EventFilter filter;

  /** The events of the filter, by time. */
  public EventQuery(EventFilter filter, SortDirection direction) {
    super(EventEntity.class, KeyType.TEXT, new Sort("eventTime", KeyType.TIME, false), direction);
    this.filter = filter;
  }

  @Override
  List<Selection<?>> columns(QueryContext<EventEntity> query) {
    return List.of(
        column(query, "id", "id"),
        column(query, "eventName", "event_name"),
        column(query, "eventKey", "event_key"),
        time(query, "eventTime", "event_time"),
        column(query, "processed", "is_processed"));
  }

  @Override
  void filter(QueryContext<EventEntity> query) {
    query.whereEqual("eventName", filter.eventName());
    query.whereEqual("eventKey", filter.eventKey());
    query.whereWithin("eventTime", filter.eventTime());
    if (filter.processed() != null) {
      query.where(
          filter.processed() ? "(? is true)" : "(? is not true)", query.attribute("processed"));
    }
  }
}
