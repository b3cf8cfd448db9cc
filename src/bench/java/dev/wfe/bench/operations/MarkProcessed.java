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
 * Publishing an event that nobody waits for, and marking it processed: what the topic's lock costs.
 * The Rust provider takes none, and loses events.
 */
final class MarkProcessed {
  private MarkProcessed() {}

  /** Each event of a topic of its own: nobody waits. */
  static Comparison ofOwnTopics(World world) {
    return of(world, "own topics", () -> UUID.randomUUID().toString());
  }

  /** All events of one topic: those who mark wait for each other. */
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
