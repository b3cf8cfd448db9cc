package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.postgres.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A row is changed, and comes to lie at the {@code ctid} at which it was read. */
final class ReusedCtidTest {
  private static final String PLACE = "select ctid::text from wfc.workflows";
  private static final String VERSION = "select xmin::text || ctid::text from wfc.workflows";
  private static final int WRITES = 20;

  @Test
  void aLaterVersionInTheSamePlaceIsAnotherRevision() {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresStore store = new PostgresStore(database, PostgresOptions.defaults())) {
      PersistenceProvider provider = store.provider();
      provider.createNewWorkflow(WorkflowInstance.builder("definition", 1).id("id").build());
      // The first version's place keeps pointing at its successors.
      WorkflowInstance read = provider.persistWorkflow(provider.getWorkflowInstance("id"));
      String place = database.queryForString(PLACE);

      int writes = 0;
      do {
        WorkflowInstance now = provider.getWorkflowInstance("id");
        provider.persistWorkflow(now.toBuilder().reference("theirs").build());
        database.execute("vacuum wfc.workflows");
        writes++;
      } while (writes < WRITES && !Objects.equals(place, database.queryForString(PLACE)));

      assertThat(database.queryForString(PLACE)).isEqualTo(place);
      assertThatThrownBy(() -> provider.persistWorkflow(read.toBuilder().reference("ours").build()))
          .isInstanceOf(StaleRevisionException.class);
      assertThat(provider.getWorkflowInstance("id").reference()).isEqualTo("theirs");
    }
  }

  /**
   * A rewrite of the table keeps the writing transaction, and gives the row a place used before.
   */
  @Test
  void aRewriteOfTheTableBringsNoRevisionBack() throws Exception {
    try (TestDatabase database = TestDatabase.migrated();
        PostgresStore store = new PostgresStore(database, PostgresOptions.defaults())) {
      WorkflowInstance read;
      String version;
      try (Connection connection = database.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        PersistenceProvider provider = store.provider().within(connection);
        provider.createNewWorkflow(WorkflowInstance.builder("definition", 1).id("id").build());
        version = rowVersion(connection);
        read = provider.getWorkflowInstance("id");
        provider.persistWorkflow(read.toBuilder().reference("theirs").build());
        connection.commit();
      }
      database.execute("vacuum full wfc.workflows");
      assertThat(database.queryForString(VERSION)).isEqualTo(version);

      assertThatThrownBy(
              () -> store.provider().persistWorkflow(read.toBuilder().reference("ours").build()))
          .isInstanceOf(StaleRevisionException.class);
      assertThat(store.provider().getWorkflowInstance("id").reference()).isEqualTo("theirs");
    }
  }

  private static String rowVersion(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(VERSION)) {
      row.next();
      return row.getString(1);
    }
  }
}
