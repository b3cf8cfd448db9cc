package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.UnreadableRowException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Subscriptions as rows of {@code event_subscriptions}. */
public final class SubscriptionRows {
  static final String TABLE = "event_subscriptions";

  private SubscriptionRows() {}

  /** The columns of the subscription. */
  public static Map<String, @Nullable Object> row(EventSubscription subscription) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("id", subscription.id());
    row.put("workflow_id", subscription.workflowId());
    row.put("step_id", subscription.stepId());
    row.put("execution_pointer_id", subscription.executionPointerId());
    row.put("event_name", subscription.eventName());
    row.put("event_key", subscription.eventKey());
    row.put("subscribe_as_of", Instants.text(subscription.subscribeAsOf()));
    row.put("subscription_data", Json.text(subscription.subscriptionData()));
    row.put("external_token", subscription.externalToken());
    row.put("external_worker_id", subscription.externalWorkerId());
    row.put("external_token_expiry", Instants.text(subscription.externalTokenExpiry()));
    return row;
  }

  /** The subscription in the current row. */
  public static EventSubscription read(ResultSet rows) throws SQLException {
    return read(ResultColumns.labelled(rows, TABLE).row());
  }

  /** The subscriptions in all rows. */
  public static ReadRows<EventSubscription> readAll(ResultSet rows) throws SQLException {
    ResultColumns columns = ResultColumns.labelled(rows, TABLE);
    List<EventSubscription> readable = new ArrayList<>();
    List<UnreadableRowException> unreadable = new ArrayList<>();
    while (rows.next()) {
      try {
        readable.add(read(columns.row()));
      } catch (UnreadableRowException failure) {
        unreadable.add(failure);
      }
    }
    return new ReadRows<>(readable, unreadable);
  }

  /** The subscription in the row. */
  static <X extends Exception> EventSubscription read(Row<X> row) throws X {
    return EventSubscription.builder(
            row.text("workflow_id"),
            row.text("execution_pointer_id"),
            row.text("event_name"),
            row.text("event_key"))
        .id(row.id())
        .stepId(row.integer("step_id"))
        .subscribeAsOf(row.instant("subscribe_as_of"))
        .subscriptionData(row.optionalJson("subscription_data"))
        .externalToken(row.optionalText("external_token"))
        .externalWorkerId(row.optionalText("external_worker_id"))
        .externalTokenExpiry(row.optionalInstant("external_token_expiry"))
        .build();
  }
}
