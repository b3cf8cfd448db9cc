package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.interoperability.RustProvider;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How much a persist adds to the write-ahead log. The first write to a page after a checkpoint logs
 * the whole page; the test avoids that by writing to the pages before measuring, and by taking the
 * median.
 */
@ExtendWith(TestDatabaseExtension.class)
final class WalTest {
  private static final int POINTERS = 100;
  private static final int WARM_UP = 10;
  private static final int MEASURED = 51;

  private final TestDatabase database;

  WalTest(TestDatabase database) {
    this.database = database;
  }

  private interface Persist {
    void step(int place) throws SQLException;
  }

  /** What one step in one of the pointers writes. */
  private long medianBytes(Persist persist) throws SQLException {
    database.execute("vacuum analyze");
    database.execute("checkpoint");
    List<Long> bytes = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < WARM_UP + MEASURED; i++) {
        long before = written(statement);
        persist.step(i % POINTERS);
        if (i >= WARM_UP) {
          bytes.add(written(statement) - before);
        }
      }
    }
    bytes.sort(null);
    return bytes.get(MEASURED / 2);
  }

  private static long written(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("select pg_current_wal_insert_lsn() - '0/0'")) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void onePointerOfAHundredIsUnderTwoKibibytes() throws SQLException {
    assertThat(database.queryForString("show full_page_writes")).isEqualTo("on");
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(
                database.url(), PostgresOptions.builder().wakeUps(false).build());
        Connection connection = database.dataSource().getConnection()) {
      provider.createNewWorkflow(Instances.withPointers("ours", POINTERS));
      provider.createNewWorkflow(Instances.withPointers("rust", POINTERS));
      WorkflowInstance[] ours = {provider.getWorkflowInstance("ours")};
      WorkflowInstance[] theirs = {provider.getWorkflowInstance("rust")};
      RustProvider rust = new RustProvider(connection);

      long bytes =
          medianBytes(
              place -> ours[0] = provider.persistWorkflow(Instances.stepped(ours[0], place)));
      long bytesOfOrigin =
          medianBytes(
              place -> {
                theirs[0] = Instances.stepped(theirs[0], place);
                rust.persist(theirs[0]);
              });

      assertThat(bytes).isLessThan(2 * 1024);
      assertThat(bytesOfOrigin).isGreaterThan(10 * bytes);
    }
  }

  /** The median of what persists with the status write. */
  private long bytesOfPersists(
      PostgresPersistenceProvider provider, String prefix, WorkflowStatus status)
      throws SQLException {
    List<WorkflowInstance> read = new ArrayList<>();
    for (int i = 0; i < WARM_UP + MEASURED; i++) {
      read.add(provider.create(Instances.withPointers(prefix + i, 1)));
    }
    int[] next = {0};
    return medianBytes(
        place -> {
          WorkflowInstance instance = read.get(next[0]);
          next[0]++;
          provider.persistWorkflow(
              instance.toBuilder()
                  .status(status)
                  .reference("changed")
                  .completeTime(status == WorkflowStatus.COMPLETE ? Instant.EPOCH : null)
                  .build());
        });
  }

  @Test
  void theIndexForPurgesCostsOnlyTheLastWrite() throws SQLException {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(
            database.url(), PostgresOptions.builder().wakeUps(false).build())) {
      long step = bytesOfPersists(provider, "a", WorkflowStatus.RUNNABLE);
      long last = bytesOfPersists(provider, "c", WorkflowStatus.COMPLETE);
      database.execute("drop index wfc.idx_workflows_ended");
      long stepWithout = bytesOfPersists(provider, "b", WorkflowStatus.RUNNABLE);
      long lastWithout = bytesOfPersists(provider, "d", WorkflowStatus.COMPLETE);

      System.out.println(
          "bytes of log: step %s, without %s; last write %s, without %s"
              .formatted(step, stepWithout, last, lastWithout));
      assertThat(step - stepWithout).isBetween(-32L, 32L);
      assertThat(last - lastWithout).isBetween(1L, 160L);
    }
  }
}
