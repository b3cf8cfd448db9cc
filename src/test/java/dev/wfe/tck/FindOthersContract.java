package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.CommandName;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finding events, subscriptions, commands and errors by a filter, in pages, and counting them. */
public abstract class FindOthersContract extends Contract {
  private static final Instant NOON = Samples.NOON;
  private static final Instant LATER = NOON.plusSeconds(60);
  private static final PageRequest ALL_ROWS = PageRequest.first(100);

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  /** All rows, page by page. */
  private static <T> List<T> rows(Function<PageRequest, CursoredPage<T>> find, int limit) {
    List<T> rows = new ArrayList<>();
    @Nullable String next = null;
    do {
      CursoredPage<T> page = find.apply(new PageRequest(limit, next));
      rows.addAll(page.rows());
      next = page.next();
    } while (next != null);
    return rows;
  }

  private void event(String id, String name, String key, Instant time, boolean processed) {
    provider().createEvent(Event.builder(name, key).id(id).eventTime(time).build());
    if (processed) {
      assertThat(provider().markEventProcessed(id)).isTrue();
    }
  }

  private List<String> events(UnaryOperator<EventFilter.Builder> conditions) {
    EventFilter filter = conditions.apply(EventFilter.builder()).build();
    List<String> ids =
        provider().findEvents(filter, SortDirection.ASCENDING, ALL_ROWS).rows().stream()
            .map(EventSummary::id)
            .toList();
    assertThat(provider().countEvents(filter, 100)).isEqualTo(new RowCount(ids.size(), false));
    return ids;
  }

  @Test
  void eventsAreFoundByTopicTimeAndWhetherTheyAreProcessed() {
    event("c", "paid", "1", NOON, true);
    event("a", "paid", "1", LATER, false);
    event("b", "paid", "2", LATER, false);
    event("d", "shipped", "1", LATER, true);

    assertThat(events(where -> where)).containsExactly("c", "a", "b", "d");
    assertThat(events(where -> where.topic("paid"))).containsExactly("c", "a", "b");
    assertThat(events(where -> where.topic("paid", "1"))).containsExactly("c", "a");
    assertThat(events(where -> where.processed())).containsExactly("c", "d");
    assertThat(events(where -> where.unprocessed().topic("paid", "2"))).containsExactly("b");
    assertThat(events(where -> where.happened(TimeRange.before(LATER)))).containsExactly("c");
    assertThat(provider().findEvents(EventFilter.ALL, SortDirection.ASCENDING, ALL_ROWS).rows())
        .first()
        .isEqualTo(new EventSummary("c", "paid", "1", NOON, true));
  }

  @Test
  void eventsComeInPagesInBothDirections() {
    for (int i = 0; i < 7; i++) {
      event("e" + i, "paid", "1", NOON.plusSeconds(i / 2), false);
    }
    List<String> expected = List.of("e0", "e1", "e2", "e3", "e4", "e5", "e6");
    List<String> reversed = new ArrayList<>(expected);
    Collections.reverse(reversed);

    assertThat(
            rows(page -> provider().findEvents(EventFilter.ALL, SortDirection.ASCENDING, page), 2))
        .extracting(EventSummary::id)
        .isEqualTo(expected);
    assertThat(
            rows(page -> provider().findEvents(EventFilter.ALL, SortDirection.DESCENDING, page), 3))
        .extracting(EventSummary::id)
        .isEqualTo(reversed);
  }

  private void subscription(String id, String workflowId, String key) {
    provider()
        .createEventSubscription(
            EventSubscription.builder(workflowId, "p", "paid", key)
                .id(id)
                .stepId(3)
                .subscribeAsOf(NOON)
                .build());
  }

  private List<String> subscriptions(UnaryOperator<SubscriptionFilter.Builder> conditions) {
    SubscriptionFilter filter = conditions.apply(SubscriptionFilter.builder()).build();
    List<String> ids =
        rows(page -> provider().findSubscriptions(filter, SortDirection.ASCENDING, page), 2)
            .stream()
            .map(SubscriptionSummary::id)
            .toList();
    assertThat(provider().countSubscriptions(filter, 100))
        .isEqualTo(new RowCount(ids.size(), false));
    return ids;
  }

  @Test
  void subscriptionsAreFoundByWorkflowTopicAndHolder() {
    Instant past = Instant.parse("2000-01-01T00:00:00Z");
    Instant future = Instant.parse("2100-01-01T00:00:00Z");
    subscription("a", "w", "1");
    subscription("b", "w", "2");
    subscription("c", "x", "1");
    subscription("d", "x", "1");
    provider().setSubscriptionToken("a", "secret", "worker", future);
    provider().setSubscriptionToken("b", "secret", "worker", past);
    provider().setSubscriptionToken("c", "secret", "other", future);

    assertThat(subscriptions(where -> where)).containsExactly("a", "b", "c", "d");
    assertThat(subscriptions(where -> where.workflow("w"))).containsExactly("a", "b");
    assertThat(subscriptions(where -> where.topic("paid", "1"))).containsExactly("a", "c", "d");
    assertThat(subscriptions(where -> where.topic("shipped"))).isEmpty();
    assertThat(subscriptions(where -> where.held())).containsExactly("a", "c");
    assertThat(subscriptions(where -> where.open())).containsExactly("b", "d");
    assertThat(subscriptions(where -> where.heldBy("worker"))).containsExactly("a");
    assertThat(subscriptions(where -> where.expiring(TimeRange.before(NOON)))).containsExactly("b");
    assertThat(
            provider()
                .findSubscriptions(SubscriptionFilter.ALL, SortDirection.DESCENDING, ALL_ROWS)
                .rows())
        .containsExactly(
            summary("d", "x", "1", null, null, false),
            summary("c", "x", "1", "other", future, true),
            summary("b", "w", "2", "worker", past, false),
            summary("a", "w", "1", "worker", future, true));
  }

  private static SubscriptionSummary summary(
      String id,
      String workflowId,
      String key,
      @Nullable String workerId,
      @Nullable Instant expiry,
      boolean held) {
    return new SubscriptionSummary(
        id, workflowId, 3, "p", "paid", key, NOON, workerId, expiry, held);
  }

  @Test
  void aTokenThatDoesNotExpireHolds() {
    subscription("a", "w", "1");
    provider().setSubscriptionToken("a", "secret", "worker", Duration.ofDays(1));

    SubscriptionSummary found =
        provider()
            .findSubscriptions(SubscriptionFilter.ALL, SortDirection.ASCENDING, ALL_ROWS)
            .rows()
            .get(0);

    assertThat(found.held()).isTrue();
    assertThat(found.toString()).doesNotContain("secret");
  }

  private List<ScheduledCommand> commands(UnaryOperator<CommandFilter.Builder> conditions) {
    CommandFilter filter = conditions.apply(CommandFilter.builder()).build();
    List<ScheduledCommand> found =
        rows(page -> provider().findCommands(filter, SortDirection.ASCENDING, page), 2);
    assertThat(provider().countCommands(filter, 100)).isEqualTo(new RowCount(found.size(), false));
    return found;
  }

  @Test
  void commandsAreFoundByNameDataAndTime() {
    ScheduledCommand later = ScheduledCommand.processWorkflow("w", 2_000);
    ScheduledCommand early = ScheduledCommand.processWorkflow("x", -1_000);
    ScheduledCommand event = ScheduledCommand.processEvent("w", 2_000);
    List.of(later, early, event).forEach(provider()::scheduleCommand);

    assertThat(commands(where -> where)).containsExactly(early, later, event);
    assertThat(commands(where -> where.command(CommandName.PROCESS_EVENT))).containsExactly(event);
    assertThat(commands(where -> where.data("w"))).containsExactly(later, event);
    assertThat(commands(where -> where.due(TimeRange.before(Instant.EPOCH))))
        .containsExactly(early);
    assertThat(
            rows(
                page -> provider().findCommands(CommandFilter.ALL, SortDirection.DESCENDING, page),
                1))
        .containsExactly(event, later, early);
  }

  private List<String> errors(UnaryOperator<ErrorFilter.Builder> conditions) {
    ErrorFilter filter = conditions.apply(ErrorFilter.builder()).build();
    List<String> messages =
        rows(page -> provider().findErrors(filter, SortDirection.DESCENDING, page), 2).stream()
            .map(found -> found.error().message())
            .toList();
    assertThat(provider().countErrors(filter, 100)).isEqualTo(new RowCount(messages.size(), false));
    return messages;
  }

  @Test
  void errorsAreFoundNewestFirst() {
    provider().createNewWorkflow(WorkflowInstance.builder("order", 1).id("w").name("w").build());
    List<Long> ids =
        provider()
            .persistErrors(
                List.of(
                    new ExecutionError(LATER, "w", "p", "second"),
                    new ExecutionError(LATER, "w", "q", "third"),
                    new ExecutionError(NOON, "w", "p", "first"),
                    new ExecutionError(NOON, "deleted", "r", "other")));

    assertThat(errors(where -> where)).containsExactly("third", "second", "other", "first");
    assertThat(errors(where -> where.workflow("w"))).containsExactly("third", "second", "first");
    assertThat(errors(where -> where.workflow("w").pointer("p")))
        .containsExactly("second", "first");
    assertThat(errors(where -> where.occurred(TimeRange.from(LATER))))
        .containsExactly("third", "second");
    assertThat(errors(where -> where.message("other"))).containsExactly("other");
    assertThat(errors(where -> where.definition("order")))
        .containsExactly("third", "second", "first");
    assertThat(provider().findErrors(ErrorFilter.ALL, SortDirection.ASCENDING, ALL_ROWS).rows())
        .extracting(StoredError::id)
        .containsExactly(ids.get(2), ids.get(3), ids.get(0), ids.get(1));
  }

  @Test
  void errorsAreCountedByDefinitionAndMessage() {
    for (String id : List.of("w", "x")) {
      provider()
          .createNewWorkflow(WorkflowInstance.builder("order " + id, 1).id(id).name(id).build());
    }
    String longText = "\uD83D\uDE00".repeat(300);
    provider()
        .persistErrors(
            List.of(
                new ExecutionError(NOON, "w", "p", "timeout"),
                new ExecutionError(LATER, "w", "p", "timeout"),
                new ExecutionError(NOON, "x", "p", "timeout"),
                new ExecutionError(NOON, "deleted", "p", "timeout"),
                new ExecutionError(NOON, "w", "p", longText + "a"),
                new ExecutionError(NOON, "w", "q", longText + "b"),
                new ExecutionError(NOON, "w", "q", longText + "c")));

    assertThat(provider().countErrorsByMessage(ErrorFilter.ALL, 100))
        .containsExactly(
            new ErrorCount("order w", "\uD83D\uDE00".repeat(200), 3, NOON),
            new ErrorCount("order w", "timeout", 2, LATER),
            new ErrorCount("order x", "timeout", 1, NOON),
            new ErrorCount(null, "timeout", 1, NOON));
    assertThat(
            provider()
                .countErrorsByMessage(ErrorFilter.builder().definition("order x").build(), 100))
        .containsExactly(new ErrorCount("order x", "timeout", 1, NOON));
    assertThat(provider().countErrorsByMessage(ErrorFilter.ALL, 1)).hasSize(1);
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> provider().countErrorsByMessage(ErrorFilter.ALL, 0))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("limit is 0");
    assertThatThrownBy(() -> EventFilter.builder().topic("\uD800").build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("eventName contains an unpaired surrogate");
    assertThatThrownBy(
            () ->
                provider()
                    .findEvents(
                        EventFilter.ALL, SortDirection.ASCENDING, PageRequest.after("x", 1)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("page.after is not a cursor");
  }
}
