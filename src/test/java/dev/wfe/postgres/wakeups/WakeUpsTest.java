package dev.wfe.postgres.wakeups;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What wakes the listeners of another process, for which a second provider stands. */
@ExtendWith(TestDatabaseExtension.class)
final class WakeUpsTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;
  private final PostgresPersistenceProvider other;

  WakeUpsTest(TestDatabase database) {
    this.database = database;
    database.emptyStore("wfc");
    provider = PostgresPersistenceProvider.connect(database.url());
    other = PostgresPersistenceProvider.connect(database.url());
  }

  @AfterEach
  void close() {
    provider.close();
    other.close();
  }

  static WorkflowInstance workflow() {
    return WorkflowInstance.builder("definition", 1).build();
  }

  static WorkflowInstance asleep() {
    return workflow().toBuilder().nextExecution(null).build();
  }

  private static Event event() {
    return Event.builder("paid", "1").build();
  }

  private static EventSubscription offer() {
    return EventSubscription.builder("w", "p", "offers", "1")
        .id(UUID.randomUUID().toString())
        .subscribeAsOf(Instant.EPOCH)
        .subscriptionData(JsonNodeFactory.instance.textNode("input"))
        .build();
  }

  private ClaimedWorkflow claimed() {
    provider.createNewWorkflow(workflow());
    return provider
        .claimWorkflows(
            new ClaimRequest(
                "host", List.of(new DefinitionVersion("definition", 1)), 1, Long.MAX_VALUE, LONG))
        .workflows()
        .get(0);
  }

  @Test
  void dueWorkflowsWakeAnotherProcess() throws Exception {
    try (Listener listener = Listener.listening(other)) {
      listener.assertWokenBy(() -> provider.createNewWorkflow(workflow()));
      listener.assertWokenBy(() -> provider.createAll(List.of(workflow(), workflow())));
      WorkflowInstance sleeping = provider.create(asleep());
      listener.assertWokenBy(
          () -> provider.persistWorkflow(sleeping.toBuilder().nextExecution(0L).build()));
      listener.assertWokenBy(
          () -> provider.inTransaction(t -> t.provider().createNewWorkflow(workflow())));
      listener.assertWokenBy(() -> provider.inOwnTransactions().createNewWorkflow(workflow()));
    }
  }

  /** The clock of this process may be behind the database's. */
  @Test
  void aWorkflowThatIsDueByTheDatabasesClockWakesAnotherProcess() throws Exception {
    Instant created = Instant.now().plus(LONG);
    WorkflowInstance due =
        workflow().toBuilder()
            .createTime(created)
            .nextExecution(created.minusMillis(1).toEpochMilli())
            .build();
    try (Listener listener = Listener.listening(other)) {
      listener.assertWokenBy(() -> provider.createNewWorkflow(due));
    }
  }

  @Test
  void eventsAndOffersWakeAnotherProcess() throws Exception {
    try (Listener listener = Listener.listening(other)) {
      listener.assertWokenBy(() -> provider.createEvent(event()));
      listener.assertWokenBy(() -> provider.createEvents(List.of(event(), event())));
      EventSubscription offer = offer();
      listener.assertWokenBy(() -> provider.createEventSubscription(offer));
      assertThat(provider.takeOffer("offers", "1", "token", "worker", LONG)).isPresent();
      listener.assertWokenBy(() -> provider.clearSubscriptionToken(offer.id(), "token"));
      String processed =
          provider.createEvent(event().toBuilder().processed(true).eventKey("2").build());
      listener.assertWokenBy(() -> provider.markEventUnprocessed(processed));
    }
  }

  @Test
  void theEndOfALeaseWakesAnotherProcess() throws Exception {
    try (Listener listener = Listener.listening(other)) {
      ClaimedWorkflow first = claimed();
      listener.assertWokenBy(() -> provider.release(List.of(first.claim())));
      ClaimedWorkflow second = claimed();
      listener.assertWokenBy(
          () ->
              provider.write(
                  WorkflowWrite.of(second.workflow())
                      .under(second.claim(), LeaseAction.RELEASE)
                      .build()));
    }
  }

  @Test
  void whatMakesNoWorkDueSendsNothing() throws Exception {
    try (Notifications sent = new Notifications(database)) {
      provider.createNewWorkflow(asleep());
      provider.createEvent(event().toBuilder().processed(true).build());
      provider.getRunnableInstances(Instant.now());
      provider.close();
      assertThat(sent.all()).isEmpty();
    }
  }

  /** A process may end as soon as it has started a workflow. */
  @Test
  void closeSendsWhatIsWaiting() throws Exception {
    try (Notifications sent = new Notifications(database)) {
      provider.createNewWorkflow(workflow());
      provider.createNewWorkflow(workflow());
      provider.close();
      assertThat(sent.all()).hasSizeBetween(1, 2).doesNotContain("");
    }
  }

  @Test
  void aProviderDoesNotReceiveItsOwn() throws Exception {
    try (Notifications sent = new Notifications(database);
        Listener own = Listener.listening(provider)) {
      for (int i = 0; i < 5; i++) {
        provider.createNewWorkflow(workflow());
        assertThat(sent.await(1)).hasSize(1);
      }
      own.assertWokenBy(() -> other.createNewWorkflow(workflow()));
      // When it began to listen, five times by the operations, and once by the other provider.
      assertThat(own.calls()).isEqualTo(7);
    }
  }

  /** A notification is a hint, whoever sends it and whatever it says. */
  @Test
  void anyPayloadOnTheChannelWakes() throws Exception {
    try (Listener listener = Listener.listening(other)) {
      List<String> session = Notifications.listeningSessions(database);
      for (String payload : List.of("", "no id", "ü 'quoted' \n", "x".repeat(7999))) {
        listener.assertWokenBy(
            () ->
                database.queryForStrings(
                    "select pg_notify('wfe.wfc.', '%s')".formatted(payload.replace("'", "''"))));
      }
      assertThat(Notifications.listeningSessions(database)).isEqualTo(session).hasSize(1);
    }
  }

  @Test
  void otherStoresAreNotWoken() throws Exception {
    PostgresOptions schema = PostgresOptions.builder().schema("other").build();
    PostgresOptions prefix = PostgresOptions.builder().tablePrefix("other_").build();
    for (PostgresOptions options : List.of(schema, prefix)) {
      try (Notifications sent = new Notifications(database);
          PostgresPersistenceProvider foreign =
              PostgresPersistenceProvider.connect(database.url(), options);
          Listener listener = Listener.listening(foreign)) {
        provider.createNewWorkflow(workflow());
        assertThat(sent.await(1)).hasSize(1);
        listener.assertWokenBy(
            () ->
                database.execute(
                    "notify \"wfe.%s.%s\"".formatted(options.schema(), options.tablePrefix())));
        assertThat(listener.calls()).isEqualTo(2);
      }
    }
  }

  /** Nobody waits for it, and what becomes due while one is being sent shares the next one. */
  @Test
  void manyCommitsShareANotification() throws Exception {
    CountDownLatch mayBorrow = new CountDownLatch(1);
    try (Notifications sent = new Notifications(database)) {
      try (PostgresPersistenceProvider busy =
          PostgresPersistenceProvider.over(holdingSender(mayBorrow))) {
        for (int i = 0; i < 200; i++) {
          busy.createNewWorkflow(workflow());
        }
        assertThat(sent.all()).isEmpty();
        mayBorrow.countDown();
      }
      assertThat(sent.all()).hasSize(2);
    }
  }

  /** Holds the thread that sends when it borrows a connection. */
  private DataSource holdingSender(CountDownLatch mayBorrow) {
    DataSource connections = database.dataSource();
    return (DataSource)
        Proxy.newProxyInstance(
            WakeUpsTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              if (method.getName().equals("getConnection")
                  && Thread.currentThread().getName().equals("wfe-postgres-wake-ups-out")) {
                mayBorrow.await();
              }
              try {
                return method.invoke(connections, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  /** The commit returns, whatever becomes of the notification. */
  @Test
  void aFailureToSendAffectsNothing() throws Exception {
    DataSource connections = database.dataSource();
    DataSource failing =
        (DataSource)
            Proxy.newProxyInstance(
                WakeUpsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> {
                  if (Thread.currentThread().getName().equals("wfe-postgres-wake-ups-out")) {
                    throw new IllegalStateException("no connection, on purpose");
                  }
                  return method.invoke(connections, arguments);
                });
    try (Notifications sent = new Notifications(database)) {
      try (PostgresPersistenceProvider store = PostgresPersistenceProvider.over(failing)) {
        String id = store.createNewWorkflow(workflow());
        assertThat(store.getWorkflowInstance(id).id()).isEqualTo(id);
      }
      assertThat(sent.all()).isEmpty();
    }
  }

  @Test
  void withoutTheOptionNothingIsSentAndNobodyListens() throws Exception {
    PostgresOptions off = PostgresOptions.builder().wakeUps(false).build();
    try (Notifications sent = new Notifications(database)) {
      try (PostgresPersistenceProvider quiet =
              PostgresPersistenceProvider.connect(database.url(), off);
          Listener listener = Listener.registered(quiet)) {
        quiet.createNewWorkflow(workflow());
        assertThat(listener.calls()).isEqualTo(1);
        assertThat(SessionsTest.threads()).isEmpty();
      }
      assertThat(sent.all()).isEmpty();
      assertThat(Notifications.listeningSessions(database)).isEmpty();
    }
  }
}
