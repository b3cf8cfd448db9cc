package dev.wfe.postgres.interoperability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows that other programs wrote. A row with a meaning is read; one without is refused with the
 * names of table, row and column, and never misread.
 */
class ForeignRowsTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");

  private static TestDatabase database;
  private static PostgresStore store;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    store = new PostgresStore(database, PostgresOptions.defaults());
  }

  @AfterAll
  static void close() {
    store.close();
    database.close();
  }

  private static PostgresPersistenceProvider provider() {
    return store.provider();
  }

  /** A column and an SQL expression for it. */
  record Written(String column, String expression) {
    @Override
    public String toString() {
      int shown = Math.min(expression.length(), 60);
      return column + " = " + expression.substring(0, shown);
    }

    void into(String table, String id) {
      database.execute(
          "update wfc.%s set %s = %s where id = '%s'".formatted(table, column, expression, id));
    }
  }

  private static Stream<Written> badTimes(String... columns) {
    return Stream.of(columns)
        .flatMap(
            column ->
                Stream.of(new Written(column, "'infinity'"), new Written(column, "'-infinity'")));
  }

  private static Stream<Written> badJson(String... columns) {
    String digits = "repeat('9', 100000)";
    return Stream.of(columns)
        .flatMap(
            column ->
                Stream.of(
                    new Written(column, digits + "::jsonb"),
                    new Written(column, "('{\"a\": [-' || " + digits + " || ']}')::jsonb"),
                    new Written(column, "('0.' || repeat('0', 1000) || '1')::jsonb"),
                    new Written(column, "('0.' || repeat('0', 999) || '1')::jsonb"),
                    new Written(column, "(repeat('9', 501) || '.' || repeat('9', 500))::jsonb"),
                    new Written(column, "(repeat('[', 1001) || repeat(']', 1001))::jsonb"),
                    new Written(
                        column, "(repeat('{\"a\":', 1001) || '1' || repeat('}', 1001))::jsonb")));
  }

  private static Stream<Written> badLists(String... columns) {
    return Stream.of(columns)
        .flatMap(
            column ->
                Stream.of("'{}'", "'null'", "'\"a\"'", "'1'", "'[1]'", "'[null]'", "'[[\"a\"]]'")
                    .map(json -> new Written(column, json)));
  }

  private static void assertUnreadable(
      String table, String id, String column, ThrowingCallable read) {
    assertThatThrownBy(read)
        .isInstanceOfSatisfying(
            UnreadableRowException.class,
            refusal -> {
              assertThat(refusal.table()).isEqualTo(table);
              assertThat(refusal.column()).isEqualTo(column);
              assertThat(refusal.ids()).containsExactly(id);
              assertThat(refusal.retryable()).isFalse();
              assertThat(refusal.getMessage()).contains(id, table, column).hasSizeLessThan(1_000);
            });
  }

  private static WorkflowInstance newInstance() {
    WorkflowInstance instance =
        WorkflowInstance.builder("definition", 1)
            .id(UUID.randomUUID().toString())
            .name(UUID.randomUUID().toString())
            .executionPointers(List.of(ExecutionPointer.builder(1).build()))
            .createTime(NOON)
            .build();
    provider().createNewWorkflow(instance);
    return instance;
  }

  static Stream<Written> unreadableWorkflows() {
    return Stream.of(
            Stream.of("'Paused'", "'runnable'", "''", "' Runnable'")
                .map(word -> new Written("status", word)),
            badTimes("create_time", "complete_time"),
            badJson("data"))
        .flatMap(written -> written);
  }

  @ParameterizedTest
  @MethodSource("unreadableWorkflows")
  void aWorkflowThatHasNoMeaningIsRefused(Written written) {
    WorkflowInstance instance = newInstance();
    WorkflowInstance sound = newInstance();
    String id = instance.id();
    written.into("workflows", id);

    assertUnreadable("workflows", id, written.column(), () -> provider().getWorkflowInstance(id));
    assertUnreadable(
        "workflows",
        id,
        written.column(),
        () -> provider().getWorkflowInstanceByName(instance.name()));
    assertThat(provider().getWorkflowInstances(List.of(sound.id(), id))).containsExactly(sound);

    assertThat(provider().getWorkflowInstance(sound.id())).isEqualTo(sound);
    provider().persistWorkflow(instance);
    assertThat(provider().getWorkflowInstance(id)).isEqualTo(instance);
  }

  static Stream<Written> unreadablePointers() {
    return Stream.of(
            Stream.of(new Written("status", "'Paused'"), new Written("status", "'PENDING'")),
            badTimes("sleep_until", "start_time", "end_time"),
            badJson("persistence_data", "event_data", "context_item", "outcome"),
            badLists("children", "scope"),
            Stream.of("'[]'", "'null'", "'\"a\"'", "'1'")
                .map(json -> new Written("extension_attributes", json)),
            badJson("extension_attributes").filter(bad -> bad.expression().contains("{")))
        .flatMap(written -> written);
  }

  @ParameterizedTest
  @MethodSource("unreadablePointers")
  void aPointerThatHasNoMeaningIsRefused(Written written) {
    WorkflowInstance instance = newInstance();
    String pointer = instance.executionPointers().get(0).id();
    written.into("execution_pointers", pointer);

    assertUnreadable(
        "execution_pointers",
        pointer,
        written.column(),
        () -> provider().getWorkflowInstance(instance.id()));
    assertThat(provider().getWorkflowInstances(List.of(instance.id()))).isEmpty();

    provider().persistWorkflow(instance);
    assertThat(provider().getWorkflowInstance(instance.id())).isEqualTo(instance);
  }

  @Test
  void nullInAPointerIsReadAsTheDefault() {
    WorkflowInstance instance = newInstance();
    ExecutionPointer pointer = instance.executionPointers().get(0);
    provider()
        .persistWorkflow(
            instance.toBuilder()
                .executionPointers(
                    List.of(
                        pointer.toBuilder()
                            .eventPublished(true)
                            .retryCount(3)
                            .children(List.of("a"))
                            .scope(List.of("b"))
                            .extensionAttributes(Map.of("c", instance.data()))
                            .build()))
                .build());
    for (String column :
        List.of("event_published", "retry_count", "children", "scope", "extension_attributes")) {
      new Written(column, "null").into("execution_pointers", pointer.id());
    }

    WorkflowInstance read = provider().getWorkflowInstance(instance.id());

    assertThat(read).isEqualTo(instance);
    ExecutionPointer done = pointer.toBuilder().status(PointerStatus.COMPLETE).build();
    provider().persistWorkflow(read.toBuilder().executionPointers(List.of(done)).build());
    assertThat(
            database.queryForString(
                "select num_nulls(event_published, retry_count, children, scope,"
                    + " extension_attributes)"
                    + " from wfc.execution_pointers where id = '%s'".formatted(pointer.id())))
        .isEqualTo("0");
  }

  private static Event newEvent() {
    Event event =
        Event.builder("topic", "key").id(UUID.randomUUID().toString()).eventTime(NOON).build();
    provider().createEvent(event);
    return event;
  }

  static Stream<Written> unreadableEvents() {
    return Stream.concat(badTimes("event_time"), badJson("event_data"));
  }

  @ParameterizedTest
  @MethodSource("unreadableEvents")
  void anEventThatHasNoMeaningIsRefused(Written written) {
    Event event = newEvent();
    written.into("events", event.id());

    assertUnreadable("events", event.id(), written.column(), () -> provider().getEvent(event.id()));
    assertThat(provider().markEventProcessed(event.id())).isTrue();
  }

  @Test
  void anEventOfNullIsUnprocessed() {
    Event event = newEvent();
    new Written("is_processed", "null").into("events", event.id());

    assertThat(provider().getEvent(event.id())).isEqualTo(event);
    assertThat(provider().getRunnableEvents(NOON)).contains(event.id());
    assertThat(provider().markEventProcessed(event.id())).isTrue();
    assertThat(provider().getEvent(event.id()).processed()).isTrue();
    assertThat(provider().getRunnableEvents(NOON)).doesNotContain(event.id());
  }

  private static EventSubscription newSubscription() {
    EventSubscription subscription =
        EventSubscription.builder("workflow", "pointer", UUID.randomUUID().toString(), "key")
            .id(UUID.randomUUID().toString())
            .subscribeAsOf(NOON)
            .build();
    provider().createEventSubscription(subscription);
    return subscription;
  }

  static Stream<Written> unreadableSubscriptions() {
    return Stream.of(
            badTimes("subscribe_as_of", "external_token_expiry"),
            badJson("subscription_data"),
            badLists("excluded_event_ids"))
        .flatMap(values -> values);
  }

  @ParameterizedTest
  @MethodSource("unreadableSubscriptions")
  void aSubscriptionThatHasNoMeaningIsRefused(Written written) {
    EventSubscription subscription = newSubscription();
    written.into("event_subscriptions", subscription.id());

    assertUnreadable(
        "event_subscriptions",
        subscription.id(),
        written.column(),
        () -> provider().getSubscription(subscription.id()));
    EventSubscription sound = subscription.toBuilder().id(subscription.id() + " sound").build();
    provider().createEventSubscription(sound);
    String topic = subscription.eventName();
    assertThat(provider().getSubscriptions(topic, "key", NOON)).containsExactly(sound);
    assertThat(provider().getSubscriptions(topic, "key", NOON, 1)).containsExactly(sound);
    assertThat(provider().getFirstOpenSubscription(topic, "key", NOON)).contains(sound);
    provider().terminateSubscription(subscription.id());
  }

  @Test
  void aHoldUntilInfinityNeverEndsAndOneUntilMinusInfinityHasEnded() {
    EventSubscription held = newSubscription();
    new Written("external_token", "'token'").into("event_subscriptions", held.id());
    new Written("external_token_expiry", "'infinity'").into("event_subscriptions", held.id());
    EventSubscription ended = newSubscription();
    new Written("external_token", "'token'").into("event_subscriptions", ended.id());
    new Written("external_token_expiry", "'-infinity'").into("event_subscriptions", ended.id());

    assertThat(provider().setSubscriptionToken(held.id(), "t", "w", Duration.ofDays(1))).isFalse();
    assertThat(provider().getSubscriptions(held.eventName(), "key", NOON)).isEmpty();
    assertThat(provider().setSubscriptionToken(ended.id(), "t", "w", Duration.ofDays(1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Reticulate", "processworkflow", ""})
  void aCommandOfAnUnknownWordStaysAndIsReported(String word) {
    provider().truncateAll();
    database.execute(
        "insert into wfc.scheduled_commands (command_name, data, execute_time) values"
            + " ('%s', 'a', 1), ('ProcessWorkflow', 'b', 2)".formatted(word));

    for (int call = 0; call < 2; call++) {
      ProcessedCommands processed = provider().processCommands(NOON, command -> {});

      assertThat(processed.handled()).isEqualTo(call == 0 ? 1 : 0);
      assertThat(processed.failed()).isEqualTo(1);
      ProcessedCommands.Failure failure = processed.failures().get(0);
      assertThat(failure.commandName()).isEqualTo(word);
      assertThat(failure.data()).isEqualTo("a");
      assertThat(failure.cause())
          .isInstanceOfSatisfying(
              UnreadableRowException.class,
              refusal -> {
                assertThat(refusal.table()).isEqualTo("scheduled_commands");
                assertThat(refusal.column()).isEqualTo("command_name");
              });
    }
    assertThat(database.queryForStrings("select command_name from wfc.scheduled_commands"))
        .containsExactly(word);
  }
}
