package dev.wfe.postgres.histories.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.histories.hosts.DrainProgram.Item;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes share many due workflows of five steps, while some of the processes are killed. Every
 * step is executed, and more than once only where a lease was taken over: at most once more for
 * each takeover, because the steps are in a row. {@code -Dwfe.test.drain.workflows=} sets how many
 * workflows, {@code -Dwfe.test.drain.processes=} how many processes.
 */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(value = 1, unit = TimeUnit.HOURS)
final class DrainTest {
  private static final int WORKFLOWS = Integer.getInteger("wfe.test.drain.workflows", 600);
  private static final int PROCESSES = Integer.getInteger("wfe.test.drain.processes", 3);

  /** Two in the large form. */
  private static final int KILLS = Math.max(1, PROCESSES / 4);

  private static final int STARTED_AT_ONCE = 1_000;
  private static final long PATIENCE_SECONDS = 2_400;

  private static final String TAKEOVERS =
      """
      create schema proof;
      create table proof.takeovers (workflow_id text not null);
      create function proof.taken_over() returns trigger language plpgsql as $$
      begin
        insert into proof.takeovers values (new.workflow_id);
        return null;
      end $$;
      create trigger proof after update on wfc.workflow_leases
        for each row when (old.epoch <> new.epoch) execute function proof.taken_over();
      """;

  private static final String ENDED =
      "select count(*) from wfc.workflows where status = 'Complete'";

  private final TestDatabase database;

  @TempDir Path folder;

  DrainTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void executionsAreTheStepsAndWhatLostLeasesExplain(TestReporter reporter) throws Exception {
    database.execute(TAKEOVERS);
    start();
    Sql sql = new Sql(database.url());
    long begin = System.nanoTime();
    try (HostProcesses processes = new HostProcesses(folder, PROCESSES, this::command)) {
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitEnded(sql, WORKFLOWS * kill / (KILLS + 2));
        processes.killed(new Random(kill)).inject();
      }
      awaitEnded(sql, WORKFLOWS);
      long millis = (System.nanoTime() - begin) / 1_000_000;
      processes.stop();
      Map<String, Integer> takeovers = takeovers(sql);
      Map<String, Map<String, Integer>> executions = executions();
      check(executions, takeovers);
      reporter.publishEntry(
          "drain",
          "%s workflows, %s processes, %s ms, %s workflows/s, %s executions, %s takeovers"
              .formatted(
                  WORKFLOWS,
                  PROCESSES,
                  millis,
                  WORKFLOWS * 1_000L / millis,
                  executions.values().stream()
                      .flatMap(steps -> steps.values().stream())
                      .mapToInt(Integer::intValue)
                      .sum(),
                  takeovers.values().stream().mapToInt(Integer::intValue).sum()));
    }
  }

  private void start() {
    Workflow<Item> workflow = DrainProgram.workflow(context -> {});
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      WorkflowClient client = WorkflowClient.over(provider);
      for (int first = 0; first < WORKFLOWS; first += STARTED_AT_ONCE) {
        List<Start<Item>> starts = new ArrayList<>();
        IntStream.range(first, Math.min(WORKFLOWS, first + STARTED_AT_ONCE))
            .mapToObj(i -> new Start<>(new Item(i), StartOptions.id("w" + i)))
            .forEach(starts::add);
        client.startWorkflows(workflow, starts).forEach(ItemResult::orThrow);
      }
    }
    database.execute("analyze");
  }

  private List<String> command(String name, int place) {
    List<String> command = new ArrayList<>(HostProgram.command(DrainProgram.class));
    command.add(database.url());
    command.add(name);
    command.add(folder.resolve(name + ".executions").toString());
    return command;
  }

  private static void awaitEnded(Sql sql, int count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (Integer.parseInt(String.valueOf(sql.rows(ENDED).get(0).get(0))) < count) {
      assertThat(System.nanoTime() - deadline).as("%s workflows end", count).isNegative();
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static Map<String, Integer> takeovers(Sql sql) {
    Map<String, Integer> counts = new HashMap<>();
    sql.rows("select workflow_id from proof.takeovers")
        .forEach(row -> counts.merge(String.valueOf(row.get(0)), 1, Integer::sum));
    return counts;
  }

  /** How often each step of each workflow was executed. */
  private Map<String, Map<String, Integer>> executions() throws IOException {
    Map<String, Map<String, Integer>> counts = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".executions")).toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ", 2);
          counts.computeIfAbsent(words[0], id -> new HashMap<>()).merge(words[1], 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  private static void check(
      Map<String, Map<String, Integer>> executions, Map<String, Integer> takeovers) {
    assertThat(executions).hasSize(WORKFLOWS);
    executions.forEach(
        (id, steps) -> {
          assertThat(steps).as(id).hasSize(DrainProgram.STEPS);
          int repeated =
              steps.values().stream().mapToInt(Integer::intValue).sum() - DrainProgram.STEPS;
          assertThat(repeated).as(id).isLessThanOrEqualTo(takeovers.getOrDefault(id, 0));
        });
  }
}
