package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What topic locks and past events cost a subscriber. */
class TopicLocksTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");
  private static final int MANY = 10_000;

  /** Of which each topic has one, so no operation and no transaction holds more. */
  private static final int LOCKS = 512;

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

  @BeforeEach
  void aWorkflowWaits() {
    store.empty();
    provider().createNewWorkflow(WorkflowInstance.builder("definition", 1).id("w").build());
  }

  private static PersistenceProvider provider() {
    return store.provider();
  }

  private static EventSubscription subscription(String topic) {
    return EventSubscription.builder("w", "p", topic, "key").subscribeAsOf(NOON).build();
  }

  private static PersistedWorkflow subscribe(PersistenceProvider provider, String... topics) {
    return provider.persistWorkflowWithSubscriptions(
        provider.getWorkflowInstance("w"),
        List.of(topics).stream().map(TopicLocksTest::subscription).toList());
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  @Test
  void theNumberOfLocksIsBoundedForAnyNumberOfTopics() throws Exception {
    String[] topics = IntStream.range(0, MANY).mapToObj(i -> "topic " + i).toArray(String[]::new);
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      PersistenceProvider within = store.provider().within(connection);

      subscribe(within, topics);
      for (int i = 0; i < 1_000; i++) {
        within.createEventSubscription(subscription("another topic " + i));
      }

      assertThat(
              Integer.parseInt(
                  query(
                      connection,
                      "select count(*) from pg_locks"
                          + " where locktype = 'advisory' and pid = pg_backend_pid()")))
          .isBetween(1, LOCKS);
      connection.commit();
    }
    assertThat(database.queryForString("select count(*) from wfc.event_subscriptions"))
        .isEqualTo(Integer.toString(MANY + 1_000));
  }

  private static void insertEvents(int count, boolean processed) {
    database.execute(
        """
        insert into wfc.events (id, event_name, event_key, event_data, event_time, is_processed)
        select 'e' || i, 'topic', 'key', 'null', '%s'::timestamptz + i * interval '1 second', %s
        from generate_series(1, %s) i;
        analyze wfc.events
        """
            .formatted(NOON, processed, count));
  }

  private static int unprocessed() {
    return Integer.parseInt(
        Objects.requireNonNull(
            database.queryForString("select count(*) from wfc.events where not is_processed")));
  }

  /** While the subscription is there, every covered event becomes unprocessed in the end. */
  @Test
  void processedEventsBecomeUnprocessedInBoundedSteps() {
    insertEvents(MANY, true);

    PersistedWorkflow persisted = subscribe(provider(), "topic");

    assertThat(persisted.moreEvents()).isTrue();
    assertThat(persisted.eventIds())
        .hasSize(PersistedWorkflow.MAX_EVENT_IDS)
        .startsWith("e1", "e2")
        .endsWith("e1000");
    assertThat(unprocessed()).isEqualTo(PersistedWorkflow.MAX_EVENT_IDS);
    for (int expected = 2_000; expected <= MANY; expected += 1_000) {
      assertThat(provider().markEventProcessed("e1")).isFalse();
      assertThat(unprocessed()).isEqualTo(expected);
    }
    assertThat(provider().markEventProcessed("e1")).isFalse();
    assertThat(
            database.queryForString(
                "select count(*) from wfc.event_subscriptions where replay_time is not null"))
        .isEqualTo("0");
  }

  /** Several subscriptions, one of them of a topic without events. */
  @Test
  void eachOfManySubscriptionsGetsItsShare() {
    insertEvents(MANY, true);
    database.execute("update wfc.events set event_name = 'topic ' || id::text");
    String[] topics =
        IntStream.rangeClosed(0, 2_000).mapToObj(i -> "topic e" + i).toArray(String[]::new);

    PersistedWorkflow persisted = subscribe(provider(), topics);

    assertThat(persisted.eventIds()).hasSize(PersistedWorkflow.MAX_EVENT_IDS);
    assertThat(persisted.moreEvents()).isTrue();
    assertThat(unprocessed()).isEqualTo(2_000);
  }

  @Test
  void unprocessedEventsAreNotLookedAt() throws Exception {
    insertEvents(MANY, false);
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);

      subscribe(store.provider().within(connection), "topic");

      assertThat(
              Integer.parseInt(
                  query(
                      connection,
                      "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables"
                          + " where relid = 'wfc.events'::regclass")))
          .isLessThan(100);
      connection.rollback();
    }
  }

  /** A host that marks waits briefly at a time, so that others are not kept waiting behind it. */
  @Test
  void subscribersDoNotWaitForAHostThatMarksEventsProcessed() throws Exception {
    provider().createEvent(Event.builder("topic", "key").id("e").eventTime(NOON).build());
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (Connection open = database.dataSource().getConnection()) {
      open.setAutoCommit(false);
      store.provider().within(open).createEventSubscription(subscription("topic"));
      Future<Boolean> marking = threads.submit(() -> provider().markEventProcessed("e"));
      database.awaitWaiting("", open);

      provider().createEventSubscription(subscription("topic"));

      open.rollback();
      assertThat(marking.get(60, TimeUnit.SECONDS)).isFalse();
    } finally {
      threads.shutdownNow();
    }
  }
}
