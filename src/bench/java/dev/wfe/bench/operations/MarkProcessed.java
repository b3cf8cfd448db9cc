package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import dev.wfe.model.Event;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Publishes an event without subscribers and marks it processed. This measures the cost of the
 * topic lock. The Rust provider takes no lock and can lose events.
 */
final class MarkProcessed {
  private MarkProcessed() {}

  /** Each event has its own topic, so no call waits for another. */
  static Comparison ofOwnTopics(World world) {
    return of(world, "own topics", () -> UUID.randomUUID().toString());
  }

  /** All events have the same topic, so the calls wait for each other. */
  static Comparison ofOneTopic(World world) {
    String key = UUID.randomUUID().toString();
    return of(world, "one topic", () -> key);
  }

  private static Comparison of(World world, String load, Supplier<String> keys) {
    EventsByHand byHand = new EventsByHand(new Jdbc(world.jdbc()));
    return Comparison.of(
        "mark-processed",
        load,
        Alternative.of(
            Implementation.BASELINE,
            thread ->
                each(
                    keys,
                    event -> {
                      byHand.insert(Tables.LIBRARY, event);
                      byHand.mark(event.id());
                    })),
        Alternative.of(
            Implementation.RUST_PROVIDER,
            thread ->
                each(
                    keys,
                    event -> {
                      byHand.insert(Tables.RUST_PROVIDER, event);
                      byHand.markPlainly(event.id());
                    })),
        Alternative.of(
            Implementation.LIBRARY,
            thread ->
                each(
                    keys,
                    event -> {
                      world.ours().createEvent(event);
                      Jdbc.require(world.ours().markEventProcessed(event.id()), "Not marked");
                    })));
  }

  @FunctionalInterface
  private interface Publisher {
    void publish(Event event) throws Exception;
  }

  private static Call each(Supplier<String> keys, Publisher publisher) {
    return () -> {
      Event event =
          Event.builder("nobody waits", keys.get())
              .id(UUID.randomUUID().toString())
              .eventTime(Instant.now())
              .build();
      publisher.publish(event);
      return event;
    };
  }
}
