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

/**
 * A host with a heap of 256 MiB executes any number of workflows beside any number that wait, and
 * any number of steps in one workflow. More of all of them in {@code mvn -Plarge}.
 */
@ExtendWith(TestDatabaseExtension.class)
final class ScaleTest {
  private static final int WAITING = Integer.getInteger("wfe.test.scale.waiting", 2_000);
  private static final int RUNNING = Integer.getInteger("wfe.test.scale.running", 150);
  private static final int STEPS = Integer.getInteger("wfe.test.scale.steps", 500);
  private static final int BYTES = 1_000_000;

  @Test
  void hostWithLittleMemoryExecutesManyLargeWorkflows(TestDatabase database, @TempDir Path folder)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process host = ScaleProcess.start(database.url(), WAITING, RUNNING, BYTES, STEPS, log);
    assertThat(host.waitFor()).as(Files.readString(log)).isZero();
    assertThat(
            database.queryForString(
                "select count(*) from wfc.workflows where definition_id = 'large'"
                    + " and status = 'Complete'"))
        .isEqualTo(String.valueOf(RUNNING));
    assertThat(
            database.queryForString(
                "select count(*) from wfc.execution_pointers p join wfc.workflows w"
                    + " on w.id = p.workflow_id and w.definition_id = 'many'"))
        .as("pointers of %s items", STEPS)
        .satisfies(count -> assertThat(Integer.parseInt(count)).isLessThan(1_000));
  }
}
