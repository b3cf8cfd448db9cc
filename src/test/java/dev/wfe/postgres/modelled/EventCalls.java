package dev.wfe.postgres.modelled;

import dev.wfe.model.Event;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Calls of {@code EventRepository}. */
public final class EventCalls {
  private EventCalls() {}

  static Arbitrary<Call> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(5, Values.events().map(EventCalls::create)),
        Tuple.of(4, Id.any("e").map(EventCalls::markProcessed)),
        Tuple.of(
            1,
            Id.any("e")
                .map(
                    id ->
                        Call.ofChange(
                            "markEventUnprocessed",
                            context -> context.store().markEventUnprocessed(id.in(context)),
                            id))),
        Tuple.of(1, Id.any("e").map(EventCalls::read)),
        Tuple.of(3, asking()));
  }

  public static Call create(Event event) {
    return Call.of(
        "createEvent",
        context -> context.noteId(event.id(), context.store().createEvent(event)),
        event);
  }

  public static Call markProcessed(Id id) {
    return Call.of(
        "markEventProcessed", context -> context.store().markEventProcessed(id.in(context)), id);
  }

  static Call read(Id id) {
    return Call.of("getEvent", context -> context.store().getEvent(id.in(context)), id);
  }

  private static Arbitrary<Call> asking() {
    Arbitrary<Call> runnable =
        Values.bounds()
            .map(
                asAt ->
                    Call.of(
                        "getRunnableEvents",
                        context -> context.store().getRunnableEvents(asAt),
                        asAt));
    Arbitrary<Call> firstRunnable =
        Combinators.combine(Values.bounds(), Values.limits())
            .as(
                (asAt, limit) ->
                    Call.of(
                        "getRunnableEvents",
                        context -> context.store().getRunnableEvents(asAt, limit),
                        asAt,
                        limit));
    Arbitrary<Call> until =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds())
            .as(
                (name, key, asOf) ->
                    Call.of(
                        "getEvents",
                        context -> context.store().getEvents(name, key, asOf),
                        name,
                        key,
                        asOf));
    Arbitrary<Call> firstUntil =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds(), Values.limits())
            .as(
                (name, key, asOf, limit) ->
                    Call.of(
                        "getEvents",
                        context -> context.store().getEvents(name, key, asOf, limit),
                        name,
                        key,
                        asOf,
                        limit));
    Arbitrary<Call> since =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds())
            .as(
                (name, key, from) ->
                    Call.of(
                        "getEventsSince",
                        context -> context.store().getEventsSince(name, key, from),
                        name,
                        key,
                        from));
    Arbitrary<Call> firstSince =
        Combinators.combine(Values.names(), Values.keys(), Values.bounds(), Values.limits())
            .as(
                (name, key, from, limit) ->
                    Call.of(
                        "getEventsSince",
                        context -> context.store().getEventsSince(name, key, from, limit),
                        name,
                        key,
                        from,
                        limit));
    return Arbitraries.oneOf(runnable, firstRunnable, until, firstUntil, since, firstSince);
  }
}
