package dev.wfe.postgres.modelled;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.wfe.model.CommandName;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Few values, so that they collide, with the ends of every range. */
public final class Values {
  public static final Instant NOON = Instant.parse("2024-02-29T12:00:00.123456Z");

  /** Later than any run of this test, so that it does not depend on the clock. */
  private static final Instant FAR = Instant.parse("3000-01-01T00:00:00Z");

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static final List<JsonNode> DOCUMENTS =
      Stream.of(
              "{}",
              "null",
              "{\"amount\":12}",
              "[1.50,1e2,-0.0,123456789012345678901234567890.5,1e-30,true]",
              "{\"\":null,\"b\":{\"b\":[]},\"aa\":\"'; --\\\\\\u2028\\ud83d\\ude00\"}",
              "\"text\"",
              "\"\\u0000\"")
          .map(Values::json)
          .toList();

  private Values() {}

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** Documents; the last of them cannot be stored. */
  static Arbitrary<JsonNode> documents() {
    return Arbitraries.frequencyOf(
        Tuple.of(150, Arbitraries.of(DOCUMENTS.subList(0, DOCUMENTS.size() - 1))),
        Tuple.of(1, Arbitraries.just(DOCUMENTS.get(DOCUMENTS.size() - 1))));
  }

  private static Arbitrary<Instant> nearNoon() {
    return Arbitraries.integers().between(0, 3).map(NOON::plusSeconds);
  }

  /** Instants to store, a few of them out of range. */
  static Arbitrary<Instant> times() {
    return Arbitraries.frequencyOf(
        Tuple.of(120, nearNoon()),
        Tuple.of(
            12,
            Arbitraries.of(
                Instant.EPOCH,
                NOON.plusNanos(1_999),
                Instant.parse("1899-12-31T23:59:59.999999Z"),
                Instant.parse("-0001-01-01T00:00:00Z"),
                ValueLimits.MIN_INSTANT,
                ValueLimits.MAX_INSTANT)),
        Tuple.of(
            1,
            Arbitraries.of(
                ValueLimits.MAX_INSTANT.plusNanos(1_000), ValueLimits.MIN_INSTANT.minusNanos(1))));
  }

  /** Instants to ask for: any. */
  static Arbitrary<Instant> bounds() {
    return Arbitraries.frequencyOf(
        Tuple.of(10, nearNoon()),
        Tuple.of(2, nearNoon().map(time -> time.plusNanos(999))),
        Tuple.of(3, Arbitraries.of(FAR, Instant.EPOCH, ValueLimits.MAX_INSTANT)),
        Tuple.of(
            1,
            Arbitraries.of(
                Instant.MIN,
                Instant.MAX,
                ValueLimits.MIN_INSTANT.minus(1, ChronoUnit.MICROS),
                ValueLimits.MIN_INSTANT,
                ValueLimits.MAX_INSTANT.plusNanos(1))));
  }

  /** Ends of holds: over already, never over, or out of range. */
  static Arbitrary<Instant> expiries() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.of(FAR, ValueLimits.MAX_INSTANT)),
        Tuple.of(6, Arbitraries.of(NOON, ValueLimits.MIN_INSTANT)),
        Tuple.of(1, Arbitraries.just(Instant.MAX)));
  }

  /** Epoch milliseconds from everywhere in their range. */
  static Arbitrary<Long> millis() {
    return Arbitraries.frequencyOf(
        Tuple.of(
            8,
            Arbitraries.longs().between(0, 3).map(second -> NOON.toEpochMilli() + 1_000 * second)),
        Tuple.of(2, Arbitraries.of(0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE)));
  }

  static Arbitrary<Integer> limits() {
    return Arbitraries.frequencyOf(
        Tuple.of(20, Arbitraries.integers().between(1, 4)),
        Tuple.of(4, Arbitraries.just(Integer.MAX_VALUE)),
        Tuple.of(1, Arbitraries.of(0, -1)));
  }

  static Arbitrary<Integer> numbers() {
    return Arbitraries.frequencyOf(
        Tuple.of(80, Arbitraries.integers().between(0, 2)),
        Tuple.of(10, Arbitraries.just(Integer.MAX_VALUE)),
        Tuple.of(1, Arbitraries.just(-1)));
  }

  /** Names of events. */
  static Arbitrary<String> names() {
    return Texts.keys("event");
  }

  /** Keys of events; one of them is empty. */
  static Arbitrary<String> keys() {
    return Texts.keysOrEmpty("key");
  }

  static Arbitrary<Event> events() {
    Arbitrary<List<Edit<Event.Builder>>> edits =
        Arbitraries.<Edit<Event.Builder>>oneOf(
                Edit.of("eventData", documents(), Event.Builder::eventData),
                Edit.of("processed", Arbitraries.just(true), Event.Builder::processed))
            .list()
            .ofMaxSize(2);
    return Combinators.combine(Texts.keysOrEmpty("e"), names(), keys(), times(), edits)
        .as(
            (id, name, key, time, changes) ->
                Edit.all(Event.builder(name, key).id(id).eventTime(time), changes).build());
  }

  static Arbitrary<EventSubscription> subscriptions() {
    Arbitrary<List<String>> events = Texts.keys("e").list().ofMinSize(1).ofMaxSize(5);
    Arbitrary<List<Edit<EventSubscription.Builder>>> edits =
        Arbitraries.<Edit<EventSubscription.Builder>>oneOf(
                Edit.of("stepId", numbers(), EventSubscription.Builder::stepId),
                Edit.of("excluded", events, EventSubscription.Builder::excludedEventIds),
                Edit.of("data", documents(), EventSubscription.Builder::subscriptionData),
                Edit.of("token", Texts.keys("token"), EventSubscription.Builder::externalToken),
                Edit.of("worker", Texts.keys("host"), EventSubscription.Builder::externalWorkerId),
                Edit.of("expiry", expiries(), EventSubscription.Builder::externalTokenExpiry))
            .list()
            .ofMaxSize(3);
    return Combinators.combine(
            Texts.keysOrEmpty("s"),
            Texts.keys("w"),
            Texts.keys("p"),
            names(),
            keys(),
            times(),
            edits)
        .as(
            (id, workflow, pointer, name, key, time, changes) ->
                Edit.all(
                        EventSubscription.builder(workflow, pointer, name, key)
                            .id(id)
                            .subscribeAsOf(time),
                        changes)
                    .build());
  }

  static Arbitrary<ScheduledCommand> commands() {
    return Combinators.combine(
            Arbitraries.of(CommandName.values()), Texts.keysOrEmpty("w"), millis())
        .as(ScheduledCommand::new);
  }

  static Arbitrary<ExecutionError> errors() {
    return Combinators.combine(
            times(), Texts.keysOrEmpty("w"), Texts.keysOrEmpty("p"), Texts.free())
        .as(ExecutionError::new);
  }
}
