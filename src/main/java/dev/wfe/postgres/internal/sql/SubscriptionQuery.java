package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import jakarta.persistence.criteria.Selection;
import java.util.List;

/** Subscriptions that meet a filter. Thread-safe. */
public final class SubscriptionQuery extends EntityQuery<EventSubscriptionEntity> {
  /** Whether a token has not expired; never null. */
  private static final String HELD =
      "(? is not null and coalesce(? > pg_catalog.statement_timestamp(), true))";

  private final SubscriptionFilter filter;

  /** The subscriptions of the filter, by id. */
  public SubscriptionQuery(SubscriptionFilter filter, SortDirection direction) {
    super(EventSubscriptionEntity.class, KeyType.TEXT, Sort.BY_ID, direction);
    this.filter = filter;
  }

  @Override
  List<Selection<?>> columns(QueryContext<EventSubscriptionEntity> query) {
    return List.of(
        column(query, "id", "id"),
        column(query, "workflowId", "workflow_id"),
        column(query, "stepId", "step_id"),
        column(query, "executionPointerId", "execution_pointer_id"),
        column(query, "eventName", "event_name"),
        column(query, "eventKey", "event_key"),
        time(query, "subscribeAsOf", "subscribe_as_of"),
        column(query, "externalWorkerId", "external_worker_id"),
        time(query, "externalTokenExpiry", "external_token_expiry"),
        query
            .sql(Boolean.class, HELD, query.attributes("externalToken", "externalTokenExpiry"))
            .alias("held"));
  }

  @Override
  void filter(QueryContext<EventSubscriptionEntity> query) {
    query.whereEqual("workflowId", filter.workflowId());
    query.whereEqual("eventName", filter.eventName());
    query.whereEqual("eventKey", filter.eventKey());
    query.whereEqual("externalWorkerId", filter.workerId());
    query.whereWithin("externalTokenExpiry", filter.tokenExpiry());
    if (filter.held() != null) {
      query.where(
          filter.held() ? HELD : "(not %s)".formatted(HELD),
          query.attributes("externalToken", "externalTokenExpiry"));
    }
  }
}
