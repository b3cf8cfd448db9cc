package dev.wfe.postgres.wakeups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.OpenTransaction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.cost.CountingSockets;
import dev.wfe.postgres.entity.StoreEntities;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.postgres.transactions.JtaServer;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Work that becomes due with the commit of a caller's transaction. */
@ExtendWith(TestDatabaseExtension.class)
final class TransactionalWakeUpsTest {
  private static final PostgresOptions TRANSACTIONAL =
      PostgresOptions.builder().transactionalWakeUps(true).build();

  private static final PostgresOptions SILENT = PostgresOptions.builder().wakeUps(false).build();

  private final TestDatabase database;

  TransactionalWakeUpsTest(TestDatabase database) {
    this.database = database;
    database.emptyStore("wfc");
  }

  private Connection transaction() throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  /** Runs the work in a transaction, and returns what was sent. */
  private List<String> sentBy(PostgresPersistenceProvider provider, boolean commits, Work work)
      throws Exception {
    try (Notifications sent = new Notifications(database);
        Connection connection = transaction()) {
      work.run(provider.within(connection));
      assertThat(sent.all()).isEmpty();
      if (commits) {
        connection.commit();
      } else {
        connection.rollback();
      }
      return sent.all();
    }
  }

  private interface Work {
    void run(PersistenceProvider provider) throws Exception;
  }

  private static EventSubscription subscription(String id) {
    return EventSubscription.builder("w", "p", "paid", "1")
        .id(id)
        .subscribeAsOf(Instant.EPOCH)
        .build();
  }

  @Test
  void withTheOptionEachKindOfWorkIsSentWithTheCommit() throws Exception {
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url(), TRANSACTIONAL);
        PostgresPersistenceProvider silent =
            PostgresPersistenceProvider.connect(database.url(), SILENT)) {
      WorkflowInstance sleeping = silent.create(WakeUpsTest.asleep());
      silent.createEvent(Event.builder("paid", "1").id("e").processed(true).build());
      silent.createEventSubscription(subscription("held"));
      silent.setSubscriptionToken("held", "token", "worker", Duration.ofHours(1));
      List<Work> kinds =
          List.of(
              in -> in.createNewWorkflow(WakeUpsTest.workflow()),
              in -> in.createAll(List.of(WakeUpsTest.workflow(), WakeUpsTest.workflow())),
              in -> in.persistWorkflow(sleeping.toBuilder().nextExecution(0L).build()),
              in -> in.createEvent(Event.builder("paid", "2").build()),
              in ->
                  in.createEvents(
                      List.of(
                          Event.builder("paid", "2").build(), Event.builder("paid", "2").build())),
              in -> in.markEventUnprocessed("e"),
              in -> in.createEventSubscription(subscription("s")),
              in -> in.clearSubscriptionToken("held", "token"),
              in -> {
                in.createNewWorkflow(WakeUpsTest.workflow());
                in.createNewWorkflow(WakeUpsTest.workflow());
              });
      for (Work kind : kinds) {
        assertThat(sentBy(provider, true, kind)).containsExactly("");
      }
    }
  }

  @Test
  void withTheOptionARollbackSendsNothing() throws Exception {
    try (Notifications sent = new Notifications(database)) {
      try (PostgresPersistenceProvider provider =
          PostgresPersistenceProvider.connect(database.url(), TRANSACTIONAL)) {
        assertThat(sentBy(provider, false, in -> in.createNewWorkflow(WakeUpsTest.workflow())))
            .isEmpty();
      }
      // The close has sent what was waiting.
      assertThat(sent.all()).isEmpty();
    }
  }

  @Test
  void withTheOptionWorkThatIsNotDueOrRefusedSendsNothing() throws Exception {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url(), TRANSACTIONAL)) {
      assertThat(sentBy(provider, true, in -> in.createNewWorkflow(WakeUpsTest.asleep())))
          .isEmpty();
      WorkflowInstance stored = provider.create(WakeUpsTest.asleep());
      assertThat(
              sentBy(
                  provider,
                  true,
                  in ->
                      assertThatThrownBy(
                              () ->
                                  in.createAll(
                                          List.of(stored.toBuilder().nextExecution(0L).build()))
                                      .get(0)
                                      .orThrow())
                          .isInstanceOf(DuplicateException.class)))
          .isEmpty();
    }
  }

  @Test
  void withoutTheOptionAConnectionSendsNothing() throws Exception {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      assertThat(sentBy(provider, true, in -> in.createNewWorkflow(WakeUpsTest.workflow())))
          .isEmpty();
    }
  }

  /** Its own listeners do not see the commit either. */
  @Test
  void withTheOptionAllListenersAreWokenEvenThoseOfTheProvider() throws Exception {
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url(), TRANSACTIONAL);
        PostgresPersistenceProvider other = PostgresPersistenceProvider.connect(database.url());
        Listener own = Listener.listening(provider);
        Listener foreign = Listener.listening(other);
        Connection connection = transaction()) {
      provider.within(connection).createNewWorkflow(WakeUpsTest.workflow());
      own.assertWokenBy(() -> foreign.assertWokenBy(connection::commit));
    }
  }

  @Test
  void theNotificationTakesARoundTripIfWorkIsDue() throws Exception {
    PGSimpleDataSource counting = new PGSimpleDataSource();
    counting.setUrl(CountingSockets.url(database));
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url(), TRANSACTIONAL);
        Connection connection = counting.getConnection()) {
      connection.setAutoCommit(false);
      PersistenceProvider in = provider.within(connection);
      in.createNewWorkflow(WakeUpsTest.workflow());
      long before = CountingSockets.roundTrips();
      in.createNewWorkflow(WakeUpsTest.asleep());
      assertThat(CountingSockets.roundTrips() - before).isEqualTo(1);
      in.createNewWorkflow(WakeUpsTest.workflow());
      assertThat(CountingSockets.roundTrips() - before).isEqualTo(3);
      connection.rollback();
    }
  }

  @Test
  void aTransactionThatIsFoundAndNotObservedSendsWithTheOption() throws Exception {
    try (Notifications sent = new Notifications(database);
        Connection connection = transaction();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(
                database.dataSource(),
                () -> Optional.of(OpenTransaction.of(connection)),
                TRANSACTIONAL)) {
      provider.createNewWorkflow(WakeUpsTest.workflow());
      connection.commit();
      assertThat(sent.all()).containsExactly("");
    }
  }

  /** The commit is observed, so the option makes no difference. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJtaTransactionWakesAfterItsCommit(boolean transactional) throws Exception {
    TestDatabase database = TestDatabase.migrated();
    try (JtaServer server = new JtaServer(database);
        Notifications sent = new Notifications(database);
        PostgresPersistenceProvider other = PostgresPersistenceProvider.connect(database.url());
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.overJta(
                server.dataSource,
                PostgresOptions.builder().transactionalWakeUps(transactional).build());
        Listener own = Listener.listening(provider);
        Listener listener = Listener.listening(other)) {
      server.transactions.begin();
      provider.createNewWorkflow(WakeUpsTest.workflow());
      server.transactions.rollback();
      server.transactions.begin();
      provider.createNewWorkflow(WakeUpsTest.workflow());
      assertThat(sent.all()).isEmpty();
      listener.assertWokenBy(server.transactions::commit);
      assertThat(sent.all()).hasSize(1).doesNotContain("");
      assertThat(own.calls()).isEqualTo(2);
    }
  }

  @Test
  void anEntityManagerWakesAfterItsCommit() throws Exception {
    Configuration configuration =
        new Configuration().setProperty(AvailableSettings.JAKARTA_JDBC_URL, database.url());
    StoreEntities.ALL.forEach(configuration::addAnnotatedClass);
    try (Notifications sent = new Notifications(database);
        SessionFactory unit = configuration.buildSessionFactory();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(unit, TRANSACTIONAL);
        EntityManager entityManager = unit.createEntityManager()) {
      entityManager.getTransaction().begin();
      provider.within(entityManager).createNewWorkflow(WakeUpsTest.workflow());
      assertThat(sent.all()).isEmpty();
      entityManager.getTransaction().commit();
      assertThat(sent.await(1)).hasSize(1).doesNotContain("");
    }
  }
}
