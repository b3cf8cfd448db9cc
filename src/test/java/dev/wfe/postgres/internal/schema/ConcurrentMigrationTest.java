package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TestDatabaseExtension.class)
final class ConcurrentMigrationTest {
  private static final int CONTENDERS = 8;
  private static final long PATIENCE_SECONDS = 120;

  @Test
  void eightProcessesCreateOneStore(@EmptyDatabase TestDatabase database, @TempDir Path logs)
      throws Exception {
    runProcesses(database, logs);

    assertOneStore(database);
  }

  @Test
  void eightProcessesUpgradeAStoreOfTheRustProvider(
      @EmptyDatabase TestDatabase database, @TempDir Path logs) throws Exception {
    database.execute(OldStores.WITHOUT_NAMES);

    runProcesses(database, logs);

    assertOneStore(database);
    assertThat(database.queryForString("select count(*) from wfc.workflows where name = id"))
        .isEqualTo("30");
  }

  @Test
  void eightThreadsWithPoolsOfTheirOwnCreateOneStore(@EmptyDatabase TestDatabase database)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONTENDERS);
    try {
      CyclicBarrier start = new CyclicBarrier(CONTENDERS);
      List<Future<?>> migrations = new ArrayList<>();
      for (int i = 0; i < CONTENDERS; i++) {
        migrations.add(
            threads.submit(
                () -> {
                  start.await();
                  MigrateProcess.migrate(database.url());
                  return null;
                }));
      }
      for (Future<?> migration : migrations) {
        migration.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertOneStore(database);
  }

  private static void runProcesses(TestDatabase database, Path logs)
      throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < CONTENDERS; i++) {
      processes.add(MigrateProcess.start(database.url(), logs.resolve(i + ".log")));
    }
    try {
      for (int i = 0; i < CONTENDERS; i++) {
        boolean ended = processes.get(i).waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(ended ? processes.get(i).exitValue() : -1)
            .as(Files.readString(logs.resolve(i + ".log")))
            .isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private static void assertOneStore(TestDatabase database) {
    StoreNames names = new StoreNames("wfc", "");
    SchemaManager.validate(database.dataSource(), names);
    assertThat(SchemaManager.flyway(database.dataSource(), names).load().info().pending())
        .isEmpty();
    assertThat(
            database.queryForStrings(
                "select version from wfc.wfe_schema_history"
                    + " group by version having count(*) > 1 or not bool_and(success)"))
        .isEmpty();
    assertThat(database.queryForString("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("0");
    assertThat(database.queryForString("select count(*) from pg_locks where locktype = 'advisory'"))
        .isEqualTo("0");
  }
}
