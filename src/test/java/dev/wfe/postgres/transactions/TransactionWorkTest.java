package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.StoreTransaction;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.OpenTransaction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.network.FaultyProxy;
import dev.wfe.postgres.faults.network.ProxiedConnection;
import dev.wfe.postgres.faults.network.Trigger;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.transactions.TransactionKind.Opened;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work of the application in a transaction that the provider begins and ends. */
final class TransactionWorkTest {
  private static WorkflowInstance workflow(String id) {
    return WorkflowInstance.builder("definition", 1).id(id).name(id).build();
  }

  private static void execute(StoreTransaction transaction, String sql) throws SQLException {
    try (Statement statement = transaction.unwrap(Connection.class).createStatement()) {
      statement.execute(sql);
    }
  }

  private static void purchase(StoreTransaction transaction, String id) throws SQLException {
    execute(transaction, "insert into purchases (id) values ('%s')".formatted(id));
  }

  private static long rows(Opened opened) {
    return opened.count("purchases") + opened.count("wfc.workflows");
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void rowsOfTheApplicationAreCommittedWithOurs(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.provider.inTransaction(
          transaction -> {
            purchase(transaction, "p");
            transaction.provider().createNewWorkflow(workflow("w"));
            purchase(transaction, "q");
            assertThat(rows(opened)).isZero();
            return true;
          });

      assertThat(rows(opened)).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void rowsOfTheApplicationAreRolledBackWithOurs(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        purchase(transaction, "p");
                        transaction.provider().createNewWorkflow(workflow("w"));
                        throw new IOException("of the application");
                      }))
          .isInstanceOf(IOException.class);

      assertThat(rows(opened)).isZero();
      opened.provider.createNewWorkflow(workflow("w"));
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void entitiesOfTheApplicationAreCommittedWithOurRows(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.provider.inTransaction(
          transaction -> {
            transaction.provider().createNewWorkflow(workflow("w"));
            if (kind.hasEntityManager()) {
              EntityManager entityManager = transaction.unwrap(EntityManager.class);
              assertThat(transaction.unwrap(EntityManager.class)).isSameAs(entityManager);
              entityManager.persist(new Purchase("p"));
              assertThat(entityManager.isJoinedToTransaction()).isTrue();
            } else {
              assertThatThrownBy(() -> transaction.unwrap(EntityManager.class))
                  .isInstanceOf(InvalidValueException.class)
                  .hasMessageContaining("jakarta.persistence.EntityManager");
            }
            return true;
          });

      assertThat(opened.count("wfc.workflows")).isOne();
      assertThat(opened.count("purchases")).isEqualTo(kind.hasEntityManager() ? 1 : 0);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TransactionKind.class,
      names = {"UNIT", "JTA_UNIT"})
  void entitiesOfTheApplicationAreRolledBackWithOurRows(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.unwrap(EntityManager.class).persist(new Purchase("p"));
                        transaction.provider().createNewWorkflow(workflow("w"));
                        throw new AssertionError("of the application");
                      }))
          .isInstanceOf(AssertionError.class);

      assertThat(rows(opened)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TransactionKind.class,
      names = {"UNIT", "JTA_UNIT"})
  void anEntityThatCannotBeStoredRollsEverythingBack(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.database.execute("insert into purchases (id) values ('p')");

      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.provider().createNewWorkflow(workflow("w"));
                        transaction.unwrap(EntityManager.class).persist(new Purchase("p"));
                        return true;
                      }))
          .isNotInstanceOf(UnknownOutcomeException.class);

      assertThat(rows(opened)).isOne();
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void afterAFailedStatementTheCommitIsRefused(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.provider().createNewWorkflow(workflow("w"));
                        assertThatThrownBy(() -> execute(transaction, "select 1 / 0"))
                            .isInstanceOf(SQLException.class);
                        return true;
                      }))
          .isInstanceOf(CallerTransactionException.class)
          .hasMessageStartingWith("inTransaction: an earlier statement of the transaction failed");

      assertThat(rows(opened)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void aConstraintThatFailsAtTheCommitRollsBack(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.database.execute(
          "alter table purchases add foreign key (workflow_id) references wfc.workflows"
              + " deferrable initially deferred");

      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.provider().createNewWorkflow(workflow("w"));
                        execute(transaction, "insert into purchases values ('p', 'unknown')");
                        return true;
                      }))
          .isInstanceOfSatisfying(
              StoreFailureException.class, failure -> assertThat(failure.retryable()).isFalse())
          .hasMessageStartingWith("inTransaction: ");

      assertThat(rows(opened)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void aCommitWhoseAnswerIsLostIsUnknown(TransactionKind kind) throws Exception {
    assertUnknown(kind, Trigger.Moment.BEFORE_ANSWER, 2);
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void aCommitThatMayNotHaveArrivedIsUnknown(TransactionKind kind) throws Exception {
    assertUnknown(kind, Trigger.Moment.BEFORE_REQUEST, 0);
  }

  private static void assertUnknown(TransactionKind kind, Trigger.Moment moment, long rows)
      throws Exception {
    TestDatabase database = TestDatabase.migrated();
    try (FaultyProxy proxy = new FaultyProxy(database.url());
        Opened opened = kind.open(database, proxy.url())) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.provider().createNewWorkflow(workflow("w"));
                        purchase(transaction, "p");
                        proxy.at(moment, TransactionWorkTest::isCommit, ProxiedConnection::cut);
                        return true;
                      }))
          .isInstanceOfSatisfying(
              UnknownOutcomeException.class,
              unknown -> {
                assertThat(unknown.retryable()).isFalse();
                assertThat(unknown.ids()).isEmpty();
                assertThat(unknown.getMessage()).startsWith("inTransaction was sent");
              });

      assertThat(rows(opened)).isEqualTo(rows);
    }
  }

  private static boolean isCommit(String sql) {
    return sql.toLowerCase(Locale.ROOT).endsWith("commit");
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void aSessionThatEndsDuringTheWorkStoresNothing(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        transaction.provider().createNewWorkflow(workflow("w"));
                        opened.database.execute(
                            "select pg_terminate_backend(%s)".formatted(session(transaction)));
                        transaction.provider().createNewWorkflow(workflow("v"));
                        return true;
                      }))
          .isInstanceOf(StoreUnavailableException.class);

      assertThat(rows(opened)).isZero();
      opened.provider.createNewWorkflow(workflow("w"));
    }
  }

  private static int session(StoreTransaction transaction) throws SQLException {
    try (Statement statement = transaction.unwrap(Connection.class).createStatement();
        ResultSet rows = statement.executeQuery("select pg_backend_pid()")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void connectionsAreReturnedHoweverTheWorkEnds(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      for (int i = 0; i < 12; i++) {
        int round = i;
        try {
          opened.provider.inTransaction(
              transaction -> {
                purchase(transaction, "p" + round);
                if (round % 3 == 1) {
                  throw new IOException("of the application");
                }
                if (round % 3 == 2) {
                  throw new StackOverflowError();
                }
                return transaction.provider().createNewWorkflow(workflow("w" + round));
              });
        } catch (IOException | StackOverflowError expected) {
          assertThat(round % 3).isPositive();
        }
      }

      assertThat(rows(opened)).isEqualTo(8);
      assertThat(
              opened.database.queryForString(
                  "select count(*) from pg_stat_activity where datname = current_database()"
                      + " and pid <> pg_backend_pid() and xact_start is not null"
                      + " and backend_type = 'client backend'"))
          .isEqualTo("0");
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void anInterruptDuringTheWorkDoesNotEndTheTransaction(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.provider.inTransaction(
          transaction -> {
            purchase(transaction, "p");
            transaction.provider().createNewWorkflow(workflow("w"));
            Thread.currentThread().interrupt();
            return true;
          });

      assertThat(Thread.interrupted()).isTrue();
      assertThat(rows(opened)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(TransactionKind.class)
  void whatTheWorkUnwrappedCannotBeUnwrappedLater(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      StoreTransaction ended = opened.provider.inTransaction(transaction -> transaction);

      assertThatThrownBy(() -> ended.unwrap(Connection.class))
          .isInstanceOf(CallerTransactionException.class)
          .hasMessageContaining("has ended");
    }
  }

  @Test
  void aClosedProviderRunsNoWork() throws Exception {
    try (Opened opened = TransactionKind.OWN_POOL.open()) {
      opened.provider.close();

      assertThatThrownBy(() -> opened.provider.inTransaction(transaction -> true))
          .hasMessage("The provider is closed");
      assertThatThrownBy(() -> opened.provider.onWorkDue(() -> {}))
          .hasMessage("The provider is closed");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TransactionKind.class,
      names = {"JTA", "JTA_UNIT"})
  void componentsOfTheApplicationJoinTheJtaTransaction(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.provider.inTransaction(
          transaction -> {
            opened.server.purchase("p");
            opened.provider.createNewWorkflow(workflow("joined"));
            transaction.provider().createNewWorkflow(workflow("w"));
            assertThat(rows(opened)).isZero();
            return true;
          });
      assertThat(rows(opened)).isEqualTo(3);

      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        opened.server.purchase("q");
                        opened.provider.createNewWorkflow(workflow("v"));
                        throw new IOException("of the application");
                      }))
          .isInstanceOf(IOException.class);
      assertThat(rows(opened)).isEqualTo(3);
    }
  }

  @Test
  void aJtaTransactionThatIsMarkedForRollbackStoresNothing() throws Exception {
    try (Opened opened = TransactionKind.JTA.open()) {
      assertThatThrownBy(
              () ->
                  opened.provider.inTransaction(
                      transaction -> {
                        opened.server.purchase("p");
                        opened.server.transactions.setRollbackOnly();
                        return true;
                      }))
          .isInstanceOf(CallerTransactionException.class)
          .hasMessageContaining("marked for rollback");

      assertThat(rows(opened)).isZero();
      assertThat(opened.server.transactions.getTransaction()).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TransactionKind.class,
      names = {"JTA", "JTA_UNIT"})
  void inAJtaTransactionWorkIsRefusedOrRunsApart(TransactionKind kind) throws Exception {
    try (Opened opened = kind.open()) {
      opened.server.transactions.begin();
      opened.server.purchase("p");
      assertThatThrownBy(() -> opened.provider.inTransaction(transaction -> true))
          .isInstanceOf(CallerTransactionException.class)
          .hasMessageStartingWith("inTransaction: cannot be part of");

      opened
          .provider
          .inOwnTransactions()
          .inTransaction(
              transaction -> {
                opened.server.purchase("apart");
                return transaction.provider().createNewWorkflow(workflow("w"));
              });
      assertThat(rows(opened)).isEqualTo(2);
      opened.server.transactions.rollback();

      assertThat(rows(opened)).isEqualTo(2);
    }
  }

  @Test
  void inATransactionThatTheProviderFindsWorkIsRefused() throws Exception {
    try (Opened opened = TransactionKind.OWN_POOL.open();
        Connection current = opened.database.dataSource().getConnection();
        PostgresPersistenceProvider joining =
            PostgresPersistenceProvider.over(
                opened.database.dataSource(),
                () -> Optional.of(OpenTransaction.of(current)),
                PostgresOptions.defaults())) {
      current.setAutoCommit(false);

      assertThatThrownBy(() -> joining.inTransaction(transaction -> true))
          .isInstanceOf(CallerTransactionException.class);
      joining.inOwnTransactions().inTransaction(t -> t.provider().create(workflow("w")));

      assertThat(opened.count("wfc.workflows")).isOne();
    }
  }
}
