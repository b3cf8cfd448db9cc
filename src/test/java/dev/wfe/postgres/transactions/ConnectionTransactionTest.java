package dev.wfe.postgres.transactions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.OpenTransaction;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class ConnectionTransactionTest {
  private static final WorkflowInstance WORKFLOW =
      WorkflowInstance.builder("definition", 1).id("w").build();

  private final TestDatabase database;
  private @Nullable Connection current;
  private Connection connection;
  private PostgresPersistenceProvider provider;
  private PersistenceProvider view;

  ConnectionTransactionTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void begin() throws SQLException {
    provider =
        PostgresPersistenceProvider.over(
            database.dataSource(),
            () -> Optional.ofNullable(current).map(OpenTransaction::of),
            PostgresOptions.defaults());
    provider.truncateAll();
    connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    view = provider.within(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    provider.close();
  }

  private @Nullable String workflows() {
    return database.queryForString("select count(*) from wfc.workflows");
  }

  @Test
  void writesAreVisibleOnlyAfterTheCommit() throws SQLException {
    view.createNewWorkflow(WORKFLOW);
    assertThat(workflows()).isEqualTo("0");

    connection.commit();

    assertThat(workflows()).isEqualTo("1");
  }

  @Test
  void rolledBackNothingIsThere() throws SQLException {
    view.createNewWorkflow(WORKFLOW);

    connection.rollback();

    assertThat(workflows()).isEqualTo("0");
  }

  @Test
  void theProviderJoinsTheTransactionThatIsNamedAndNoOther() throws SQLException {
    current = connection;
    provider.createNewWorkflow(WORKFLOW);
    provider.inOwnTransactions().nextDefinitionSequence("own");
    current = null;
    provider.nextDefinitionSequence("own");

    connection.rollback();

    assertThat(workflows()).isEqualTo("0");
    assertThat(provider.nextDefinitionSequence("own")).isEqualTo(3);
  }

  @Test
  void aStalePersistLeavesTheTransactionAsItWas() throws SQLException {
    view.createNewWorkflow(WORKFLOW);
    WorkflowInstance read = view.getWorkflowInstance("w");
    view.persistWorkflow(read.toBuilder().reference("first").build());

    assertThatThrownBy(() -> view.persistWorkflow(read)).isInstanceOf(StaleRevisionException.class);
    connection.commit();

    assertThat(provider.getWorkflowInstance("w").reference()).isEqualTo("first");
  }

  @Test
  void aConnectionThatCommitsByItselfIsRefused() throws SQLException {
    connection.setAutoCommit(true);

    assertThatThrownBy(() -> view.createNewWorkflow(WORKFLOW))
        .isInstanceOf(CallerTransactionException.class)
        .hasMessageContaining("commits each statement by itself");
    assertThat(workflows()).isEqualTo("0");
  }

  @Test
  void aClosedConnectionIsATypedFailure() throws SQLException {
    connection.close();

    assertThatThrownBy(() -> view.createNewWorkflow(WORKFLOW))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void operationsWithTransactionsOfTheirOwnAreRefused() {
    assertThatThrownBy(view::ensureStoreExists).isInstanceOf(CallerTransactionException.class);
  }
}
