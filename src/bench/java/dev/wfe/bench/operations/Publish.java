package dev.wfe.bench.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Publishes an event and then finds the first open subscription to it. */
final class Publish {
  private static final String NAME = "paid";

  private static final String COLUMNS =
      Values.SUBSCRIPTION + ", external_token, external_worker_id, external_token_expiry";

  private static final String FIRST =
      """
      select %s from wfc.event_subscriptions
      where event_name = ? and event_key = ? and subscribe_as_of <= ?
        and (external_token is null or external_token_expiry <= clock_timestamp())
      order by subscribe_as_of, id limit 1
      """
          .formatted(COLUMNS);

  /** Finds any subscription, not the first one, and ignores those with an expired token. */
  private static final String ANY =
      """
      select %s from %s.event_subscriptions
      where event_name = ? and event_key = ? and subscribe_as_of <= ? and external_token is null
      limit 1
      """
          .formatted(COLUMNS, Tables.RUST_PROVIDER);

  private final World world;
  private final Jdbc jdbc;
  private final EventsByHand events;

  private Publish(World world) {
    this.world = world;
    this.jdbc = new Jdbc(world.jdbc());
    this.events = new EventsByHand(jdbc);
  }

  static Comparison of(World world) {
    Publish publish = new Publish(world);
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    return Comparison.of(
        "publish",
        "and find",
        Alternative.of(
            Implementation.BASELINE,
            thread -> publish.each(event -> publish.statements(Tables.LIBRARY, FIRST, event))),
        Alternative.of(
            Implementation.RUST_PROVIDER,
            thread -> publish.each(event -> publish.statements(Tables.RUST_PROVIDER, ANY, event))),
        Alternative.of(
            Implementation.HIBERNATE,
            thread -> publish.each(event -> hibernate.publish(event, Instant.now()))),
        Alternative.of(Implementation.LIBRARY, thread -> publish.each(publish::ours)));
  }

  /** Stores the event and returns the id of a subscription to it. */
  @FunctionalInterface
  private interface Publisher {
    String publish(Event event) throws Exception;
  }

  private Call each(Publisher publisher) {
    Random random = new Random();
    return () -> {
      int number = 1 + random.nextInt(world.size());
      Event event =
          Event.builder(NAME, "order " + number)
              .id(UUID.randomUUID().toString())
              .eventTime(Instant.now())
              .eventData(JsonNodeFactory.instance.objectNode().put("amount", number))
              .build();
      String found = publisher.publish(event);
      Jdbc.require(found.equals("s" + number), "Another subscription");
      return found;
    };
  }

  /** The event is committed before the subscription is looked up. */
  private String statements(String schema, String find, Event event) throws SQLException {
    events.insert(schema, event);
    return jdbc.query(
            find,
            statement -> {
              statement.setString(1, event.eventName());
              statement.setString(2, event.eventKey());
              Values.time(statement, 3, Instant.now());
            },
            rows -> subscription(Jdbc.first(rows)))
        .id();
  }

  /** The columns of a subscription that are read. */
  private record Subscription(
      String id,
      String workflowId,
      int stepId,
      String pointerId,
      String name,
      String key,
      @Nullable Instant subscribeAsOf,
      @Nullable Object data,
      @Nullable String token,
      @Nullable String worker,
      @Nullable Instant expiry) {}

  private static Subscription subscription(ResultSet row) throws SQLException {
    return new Subscription(
        row.getString(1),
        row.getString(2),
        row.getInt(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        Read.time(row, 7),
        Read.json(row, 8),
        row.getString(9),
        row.getString(10),
        Read.time(row, 11));
  }

  private String ours(Event event) {
    world.ours().createEvent(event);
    return world
        .ours()
        .getFirstOpenSubscription(event.eventName(), event.eventKey(), Instant.now())
        .map(EventSubscription::id)
        .orElseThrow();
  }
}
