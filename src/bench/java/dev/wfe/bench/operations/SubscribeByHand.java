package dev.wfe.bench.operations;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * The baseline for persisting a changed pointer with two subscriptions without losing events. The
 * first statement takes the topic locks in shared mode and in a fixed order. The second statement
 * of the same round trip does everything else. Not thread-safe.
 */
final class SubscribeByHand {
  private static final String TOPIC =
      "hashtextextended('\"wfc\".\"events\"' || chr(31) || ? || chr(31) || ?, 0)";

  private static final String LOCKS =
      """
      select pg_advisory_xact_lock_shared(least(a, b)),
        pg_advisory_xact_lock_shared(greatest(a, b))
      from (select %1$s as a, %1$s as b offset 0) topics;
      """
          .formatted(TOPIC);

  private static final String SUBSCRIPTION = "(?, ?, ?::int, ?, ?, ?, ?::timestamptz, ?::jsonb)";

  private static final String PERSIST =
      """
      with guard as (%s), written as (%s), subscribed as (
        insert into wfc.event_subscriptions (%s)
        select n.* from guard cross join (values %s, %s) n
        returning 1
      ), covered as (
        select e.id from wfc.events e
        where e.is_processed and exists (select from guard)
          and (e.event_name = ? and e.event_key = ? and e.event_time >= ?
            or e.event_name = ? and e.event_key = ? and e.event_time >= ?)
        order by e.id for no key update of e
      ), revived as (
        update wfc.events e set is_processed = false from covered where e.id = covered.id
        returning e.id, e.event_time
      )
      select xmin, ctid, (select count(*) from written), (select count(*) from subscribed),
        array(select id from revived order by event_time, id limit 1000),
        (select count(*) from revived)
      from guard
      """
          .formatted(
              PersistByHand.GUARD,
              PersistByHand.WRITTEN,
              Values.SUBSCRIPTION,
              SUBSCRIPTION,
              SUBSCRIPTION);

  private final Jdbc jdbc;
  private final Versions versions;

  SubscribeByHand(DataSource dataSource, List<WorkflowInstance> instances) throws SQLException {
    this.jdbc = new Jdbc(dataSource);
    this.versions = new Versions(jdbc, instances);
  }

  WorkflowInstance persist(
      WorkflowInstance stepped, int step, List<EventSubscription> subscriptions)
      throws SQLException {
    ExecutionPointer changed =
        stepped.executionPointers().get(step % stepped.executionPointers().size());
    return jdbc.querySecond(
        LOCKS + PERSIST,
        statement -> {
          int at = 1;
          for (EventSubscription subscription : subscriptions) {
            at = topic(statement, at, subscription);
          }
          at = PersistByHand.bind(statement, at, stepped, versions.of(stepped.id()), changed);
          for (EventSubscription subscription : subscriptions) {
            at = Values.subscription(statement, at, subscription);
          }
          for (EventSubscription subscription : subscriptions) {
            at = topic(statement, at, subscription);
            Values.time(statement, at++, subscription.subscribeAsOf());
          }
        },
        row -> {
          Jdbc.require(
              row.next() && row.getInt(3) == 1 && row.getInt(4) == 2 && row.getInt(6) == 0,
              "Not persisted");
          versions.set(stepped.id(), row.getString(1), row.getString(2));
          return stepped;
        });
  }

  private static int topic(PreparedStatement statement, int first, EventSubscription subscription)
      throws SQLException {
    statement.setString(first, subscription.eventName());
    statement.setString(first + 1, subscription.eventKey());
    return first + 2;
  }
}
