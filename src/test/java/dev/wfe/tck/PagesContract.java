package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Due rows in pages that continue after a position. */
public abstract class PagesContract extends Contract {
  private static final Instant NOON = Samples.NOON;

  @BeforeEach
  void empty() {
    store().empty();
  }

  /** The pages from the beginning to the end. */
  private static List<List<String>> pages(Function<@Nullable Position, Page> ask) {
    List<List<String>> pages = new ArrayList<>();
    Page page = ask.apply(null);
    pages.add(page.ids());
    while (page.next() != null) {
      page = ask.apply(page.next());
      pages.add(page.ids());
    }
    return pages;
  }

  private void event(String id, Instant time) {
    provider().createEvent(Event.builder("topic", "key").id(id).eventTime(time).build());
  }

  private void instance(String id, @Nullable Long nextExecution) {
    provider()
        .createNewWorkflow(
            Samples.instance().toBuilder().id(id).nextExecution(nextExecution).build());
  }

  @Test
  void eventsComeInPagesByTimeAndId() {
    event("c", NOON);
    event("a", NOON);
    event("b", NOON);
    event("e", NOON.plusNanos(1_000));
    event("d", NOON.minusNanos(1_000));
    event("later", NOON.plusSeconds(1));

    assertThat(pages(after -> provider().getRunnableEvents(NOON.plusNanos(1_000), 2, after)))
        .containsExactly(List.of("d", "a"), List.of("b", "c"), List.of("e"));
  }

  @Test
  void eventsThatWaitDoNotHideNewerOnes() {
    for (String id : List.of("a", "b", "c")) {
      event(id, NOON);
    }
    event("new", NOON.plusSeconds(1));
    Instant asAt = NOON.plusSeconds(1);

    Page waiting = provider().getRunnableEvents(asAt, 3, null);
    Page next = provider().getRunnableEvents(asAt, 3, waiting.next());

    assertThat(waiting.ids()).containsExactly("a", "b", "c");
    assertThat(next.ids()).containsExactly("new");
    assertThat(next.next()).isNull();
  }

  @Test
  void aPageContinuesBehindAnEventThatIsProcessedMeanwhile() {
    event("a", NOON);
    event("b", NOON);
    Page first = provider().getRunnableEvents(NOON, 1, null);
    provider().markEventProcessed("a");

    assertThat(provider().getRunnableEvents(NOON, 1, first.next()).ids()).containsExactly("b");
    assertThat(provider().getRunnableEvents(NOON, 1, null).ids()).containsExactly("b");
  }

  @Test
  void instancesComeInPagesByTimeAndId() {
    instance("c", 5L);
    instance("a", 5L);
    instance("b", 5L);
    instance("least", Long.MIN_VALUE);
    instance("greatest", Long.MAX_VALUE);
    instance("never", null);
    provider()
        .createNewWorkflow(
            Samples.instance().toBuilder().id("ended").status(WorkflowStatus.COMPLETE).build());

    assertThat(pages(after -> provider().getRunnableInstances(Instant.MAX, 2, after)))
        .containsExactly(List.of("least", "a"), List.of("b", "c"), List.of("greatest"));
    assertThat(pages(after -> provider().getRunnableInstances(Instant.ofEpochMilli(5), 4, after)))
        .containsExactly(List.of("least", "a", "b", "c"), List.of());
  }

  @Test
  void pagesGiveWhatTheWholeListGives() {
    for (int i = 0; i < 10; i++) {
      event("event" + i, NOON.plusSeconds(i % 3));
      WorkflowInstance instance =
          Samples.instance().toBuilder().nextExecution((long) (i % 3)).build();
      provider().createNewWorkflow(instance);
    }

    assertThat(pages(after -> provider().getRunnableEvents(Instant.MAX, 3, after)).stream())
        .flatMap(ids -> ids)
        .isEqualTo(provider().getRunnableEvents(Instant.MAX));
    assertThat(pages(after -> provider().getRunnableInstances(Instant.MAX, 3, after)).stream())
        .flatMap(ids -> ids)
        .isEqualTo(provider().getRunnableInstances(Instant.MAX));
  }

  @Test
  void anyInstantIsAPosition() {
    event("a", NOON);
    instance("w", 0L);

    for (Instant early : List.of(Instant.MIN, Instant.parse("-9999-01-01T00:00:00Z"))) {
      Position before = new Position(early, "z");
      assertThat(provider().getRunnableEvents(NOON, 1, before).ids()).containsExactly("a");
      assertThat(provider().getRunnableInstances(NOON, 1, before).ids()).containsExactly("w");
    }
    Position behind = new Position(Instant.MAX, "");
    assertThat(provider().getRunnableEvents(Instant.MAX, 1, behind).ids()).isEmpty();
    assertThat(provider().getRunnableInstances(Instant.MAX, 1, behind).ids()).isEmpty();
    assertThat(provider().getRunnableEvents(Instant.MIN, 1, null)).isEqualTo(EMPTY);
    assertThat(provider().getRunnableInstances(Instant.MIN, 1, null)).isEqualTo(EMPTY);
  }

  private static final Page EMPTY = new Page(List.of(), null);
}
