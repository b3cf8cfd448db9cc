package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Storing events, and finding those that are due. */
public abstract class EventRepositoryContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  private String create(String id, String eventName, Instant time) {
    return provider().createEvent(Samples.event(eventName, time).toBuilder().id(id).build());
  }

  @Test
  void aCreatedValueIsReadBack() {
    Event event =
        Samples.event("paid", NOON).toBuilder().eventData(Samples.object()).processed(true).build();

    assertThat(provider().createEvent(event)).isEqualTo(event.id());

    assertThat(anotherHost().getEvent(event.id())).isEqualTo(event);
  }

  @Test
  void anEmptyIdBecomesATimeOrderedUuid() {
    Event unnamed = Event.builder("paid", "").eventTime(NOON).build();

    String id = provider().createEvent(unnamed);

    assertThat(UUID.fromString(id).version()).isEqualTo(7);
    assertThat(provider().getEvent(id)).isEqualTo(unnamed.toBuilder().id(id).build());
    assertThat(provider().createEvent(unnamed)).isNotEqualTo(id);
  }

  @Test
  void aTakenIdIsRefused() {
    Event first = Samples.event("paid", NOON);
    provider().createEvent(first);

    assertThatThrownBy(() -> provider().createEvent(first.toBuilder().eventName("shipped").build()))
        .isInstanceOfSatisfying(
            DuplicateException.class,
            duplicate -> {
              assertThat(duplicate.subject()).isEqualTo(Subject.EVENT);
              assertThat(duplicate.field()).isEqualTo("id");
              assertThat(duplicate.value()).isEqualTo(first.id());
            });
    assertThat(provider().getEvent(first.id())).isEqualTo(first);
  }

  @Test
  void aMissingRowIsNotFound() {
    assertNotFound(() -> provider().getEvent("nowhere"));
    assertNotFound(() -> provider().markEventProcessed("nowhere"));
    assertNotFound(() -> provider().markEventUnprocessed("nowhere"));
  }

  private static void assertNotFound(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NotFoundException.class,
            failure -> {
              assertThat(failure.subject()).isEqualTo(Subject.EVENT);
              assertThat(failure.ids()).containsExactly("nowhere");
            });
  }

  @Test
  void pastUnprocessedEventsAreRunnableOldestFirst() {
    create("b", "paid", NOON.minusSeconds(1));
    create("now", "paid", NOON);
    create("a", "shipped", NOON.minusSeconds(1));
    create("oldest", "paid", NOON.minusSeconds(2));
    create("not yet", "paid", NOON.plusNanos(1_000));
    provider().markEventProcessed(create("done", "paid", NOON.minusSeconds(3)));

    assertThat(provider().getRunnableEvents(NOON)).containsExactly("oldest", "a", "b", "now");
    assertThat(provider().getRunnableEvents(NOON, 2)).containsExactly("oldest", "a");
    assertThat(provider().getRunnableEvents(NOON, Integer.MAX_VALUE)).hasSize(4);
  }

  @Test
  void eventsOfANameAndKeyAreFoundOldestFirst() {
    create("b", "paid", NOON);
    create("a", "paid", NOON);
    create("oldest", "paid", NOON.minusSeconds(1));
    create("later", "paid", NOON.plusNanos(1_000));
    create("other name", "shipped", NOON);
    provider().createEvent(Event.builder("paid", "other").id("other key").eventTime(NOON).build());
    provider().markEventProcessed("a");

    assertThat(provider().getEvents("paid", "key", NOON)).containsExactly("oldest", "a", "b");
    assertThat(provider().getEventsSince("paid", "key", NOON)).containsExactly("a", "b", "later");
    assertThat(provider().getEvents("paid", "key", NOON, 2)).containsExactly("oldest", "a");
    assertThat(provider().getEventsSince("paid", "key", NOON, 2)).containsExactly("a", "b");
    assertThat(provider().getEvents("paid", "other", NOON)).containsExactly("other key");
    assertThat(provider().getEvents("paid", "nobody", NOON)).isEmpty();
    assertThat(provider().getEventsSince("nothing", "key", NOON)).isEmpty();
  }

  @Test
  void tiesAreBrokenById() {
    List<String> ids = IntStream.range(0, 20).mapToObj(i -> Samples.unique("tie")).toList();
    ids.forEach(id -> create(id, "paid", NOON));
    List<String> sorted = ids.stream().sorted().toList();

    assertThat(provider().getRunnableEvents(NOON)).containsExactlyElementsOf(sorted);
    assertThat(provider().getEvents("paid", "key", NOON)).containsExactlyElementsOf(sorted);
    assertThat(provider().getEventsSince("paid", "key", NOON)).containsExactlyElementsOf(sorted);
    assertThat(provider().getEventsSince("paid", "key", NOON, 3))
        .containsExactlyElementsOf(sorted.subList(0, 3));
  }

  @Test
  void boundsAreExactToTheNanosecond() {
    create("e", "paid", NOON);
    List<Instant> before = List.of(NOON.minusNanos(1), NOON.minusNanos(500), NOON.minusNanos(999));
    List<Instant> after = List.of(NOON.plusNanos(1), NOON.plusNanos(500), NOON.plusNanos(999));

    for (Instant bound : before) {
      assertThat(provider().getRunnableEvents(bound)).isEmpty();
      assertThat(provider().getEvents("paid", "key", bound)).isEmpty();
      assertThat(provider().getEventsSince("paid", "key", bound)).containsExactly("e");
    }
    for (Instant bound : after) {
      assertThat(provider().getRunnableEvents(bound)).containsExactly("e");
      assertThat(provider().getEvents("paid", "key", bound)).containsExactly("e");
      assertThat(provider().getEventsSince("paid", "key", bound)).isEmpty();
    }
  }

  @Test
  void aBoundBeyondAllTimesIsNotMovedOntoThem() {
    createAt("first", ValueLimits.MIN_INSTANT);
    createAt("last", ValueLimits.MAX_INSTANT);

    assertThat(provider().getRunnableEvents(Instant.MIN)).isEmpty();
    assertThat(provider().getEvents("paid", "key", Instant.MIN)).isEmpty();
    assertThat(provider().getEventsSince("paid", "key", Instant.MAX)).isEmpty();
    assertThat(provider().getEventsSince("paid", "key", Instant.MIN))
        .containsExactly("first", "last");
    assertThat(provider().getEvents("paid", "key", Instant.MAX)).containsExactly("first", "last");
  }

  private void createAt(String id, Instant time) {
    provider().createEvent(Event.builder("paid", "key").id(id).eventTime(time).build());
  }

  @Test
  void anyInstantIsAcceptedAsABound() {
    create("e", "paid", NOON);

    assertThat(provider().getRunnableEvents(Instant.MIN)).isEmpty();
    assertThat(provider().getRunnableEvents(Instant.MAX)).containsExactly("e");
    assertThat(provider().getRunnableEvents(Instant.MAX, 1)).containsExactly("e");
    assertThat(provider().getEvents("paid", "key", Instant.MIN)).isEmpty();
    assertThat(provider().getEvents("paid", "key", Instant.MAX)).containsExactly("e");
    assertThat(provider().getEventsSince("paid", "key", Instant.MIN)).containsExactly("e");
    assertThat(provider().getEventsSince("paid", "key", Instant.MAX)).isEmpty();
  }

  @Test
  void markingIsRepeatable() {
    Event event = Samples.event("paid", NOON);
    provider().createEvent(event);

    assertThat(provider().markEventProcessed(event.id())).isTrue();
    assertThat(provider().markEventProcessed(event.id())).isTrue();
    assertThat(provider().getEvent(event.id()))
        .isEqualTo(event.toBuilder().processed(true).build());
    assertThat(provider().getRunnableEvents(NOON)).isEmpty();

    provider().markEventUnprocessed(event.id());
    provider().markEventUnprocessed(event.id());
    assertThat(provider().getEvent(event.id())).isEqualTo(event);
    assertThat(provider().getRunnableEvents(NOON)).containsExactly(event.id());
  }

  @Test
  void manyMayMarkTheSameEventAtOnce() throws Exception {
    Event event = Samples.event("paid", NOON);
    provider().createEvent(event);

    List<Boolean> marked =
        Together.run(8, number -> () -> host(number).markEventProcessed(event.id()));

    assertThat(marked).containsOnly(true);
  }
}
