package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A process with a heap of 128 MiB reads and handles any number of matching rows. */
@ExtendWith(TestDatabaseExtension.class)
final class MemoryTest {
  /** More of them in {@code mvn -Plarge}. */
  private static final int ROWS = Integer.getInteger("wfe.test.memory.rows", 50_000);

  private static final String MATCHING_ROWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select 'w' || i, 'w' || i, 'd', 1, 'Runnable', i, now() from generate_series(1, :rows) i;
      insert into wfc.events (id, event_name, event_key, event_time)
        select 'e' || i, 'name', 'key', now() - i * interval '1 s' from generate_series(1, :rows) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of)
        select 's' || i, 'w' || i, 1, 'p', 'name', 'key', now() - i * interval '1 s'
        from generate_series(1, :rows) i;
      """;

  private static final String DUE_COMMANDS =
      """
      insert into wfc.scheduled_commands (command_name, data, execute_time)
        select 'ProcessWorkflow', 'w' || i, i from generate_series(1, :rows) i;
      """;

  /** 100 MB of data that does not compress well, and many small workflows. */
  private static final String LARGE_WORKFLOWS =
      """
      insert into wfc.workflows (id, name, definition_id, version, status, data, create_time)
        select 'large' || i, 'large' || i, 'd', 1, 'Complete',
          pg_catalog.jsonb_build_object('text', (
            select pg_catalog.string_agg(pg_catalog.md5(i || ' ' || n), '')
            from generate_series(1, 16000) n)), now()
        from generate_series(1, 200) i;
      """;

  private final TestDatabase database;
  @TempDir private Path folder;

  MemoryTest(TestDatabase database) {
    this.database = database;
  }

  private void fill(String sql) {
    database.execute(sql.replace(":rows", Integer.toString(ROWS)));
  }

  private void passes(String operation) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    int status = MemoryProcess.start(database.url(), operation, log).waitFor();
    assertThat(status).as(Files.readString(log)).isZero();
  }

  @Test
  void limitedFormsReadWhatTheyGive() throws IOException, InterruptedException {
    fill(MATCHING_ROWS);

    passes("limited forms");
  }

  @Test
  void dueCommandsAreHandledAFewAtATime() throws IOException, InterruptedException {
    fill(DUE_COMMANDS);

    passes("processCommands");

    assertThat(database.queryForString("select count(*) from wfc.scheduled_commands"))
        .isEqualTo("0");
  }

  @Test
  void commandsThatAllFailAreHandledAFewAtATime() throws IOException, InterruptedException {
    fill(DUE_COMMANDS);

    passes("processCommands, failing");

    assertThat(database.queryForString("select count(*) from wfc.scheduled_commands"))
        .isEqualTo(Integer.toString(ROWS));
    database.execute("truncate wfc.scheduled_commands");
  }

  @Test
  void anExportHoldsOnePageAtATime() throws IOException, InterruptedException {
    database.emptyStore("wfc");
    fill(MATCHING_ROWS);
    database.execute(LARGE_WORKFLOWS);

    passes("export");

    database.emptyStore("wfc");
  }
}
