package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.host.ActivityClient;
import dev.wfe.host.ActivityType;
import dev.wfe.host.EventType;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.StartOptions;
import dev.wfe.host.SteppedHost;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The walk of docs/operating.md: workflows that are stuck in different ways, on a real host, among
 * many others; then a purge of those that have ended. What the program printed, and how long it
 * took, is in target/stuck-workflows.txt afterwards. More of them in {@code mvn -Plarge}.
 */
@ExtendWith(TestDatabaseExtension.class)
final class StuckWorkflowsTest {
  private static final int OTHERS = Integer.getInteger("wfe.test.walk.rows", 3_000);

  private static final EventType<JsonNode> PAID = EventType.of("paid", JsonNode.class);
  private static final ActivityType<String, String> SHIP =
      ActivityType.of("ship", String.class, String.class);

  private final TestDatabase database;
  private final PostgresPersistenceProvider store;
  private final CliRun.With wfe;
  private final StringBuilder transcript = new StringBuilder();
  private boolean bankIsDown = true;

  StuckWorkflowsTest(TestDatabase database) {
    this.database = database;
    store = PostgresPersistenceProvider.connect(database.url());
    wfe = CliRun.With.url(database.url()).terminal(110, false);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    Files.writeString(Path.of("target", "stuck-workflows.txt"), transcript);
  }

  record Order(String id) {}

  private final Workflow<Order> charge =
      Workflow.define("charge", 1, Order.class)
          .run("charge card", order -> callBank(), RetryPolicy.none())
          .build();

  private final Workflow<Order> payment =
      Workflow.define("payment", 1, Order.class)
          .await("await payment", PAID, Order::id, (order, paid) -> order)
          .build();

  private final Workflow<Order> shipping =
      Workflow.define("shipping", 1, Order.class)
          .activity("ship parcel", SHIP, Order::id, (order, parcel) -> order)
          .build();

  private final Workflow<Order> reminder =
      Workflow.define("reminder", 1, Order.class).delay("cool off", Duration.ofDays(30)).build();

  private void callBank() {
    if (bankIsDown) {
      throw new IllegalStateException("bank: connection refused");
    }
  }

  private CliRun run(String... arguments) {
    long start = System.nanoTime();
    CliRun run = wfe.run(arguments);
    transcript
        .append("$ wfe ")
        .append(String.join(" ", arguments))
        .append("   # ")
        .append(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
        .append(" ms")
        .append('\n')
        .append(run.err())
        .append(run.out())
        .append('\n');
    return run;
  }

  private String status(String id) {
    return store.getWorkflowInstance(id).status().word();
  }

  /** One of twenty waits; the others ended in the last month. Each has a step. */
  private void createOthers() {
    database.execute(
        """
        insert into wfc.workflows
            (id, name, definition_id, version, status, data, create_time, complete_time)
          select 'a' || i, 'a' || i, 'archive', 1, case when i %% 20 = 0 then 'Runnable' else 'Complete' end,
            jsonb_build_object('order', i), now() - interval '40 days' + i * interval '1 second',
            case when i %% 20 > 0 then now() - interval '30 days' + i * interval '1 second' end
          from generate_series(1, %1$s) i;
        insert into wfc.execution_pointers (id, workflow_id, step_id, active, status, step_name)
          select 'p' || i, 'a' || i, 0, i %% 20 = 0,
            case when i %% 20 = 0 then 'Pending' else 'Complete' end, 'work'
          from generate_series(1, %1$s) i;
        """
            .formatted(OTHERS));
    database.execute("vacuum analyze wfc.workflows");
    database.execute("vacuum analyze wfc.execution_pointers");
  }

  private long rows() {
    return Long.parseLong(
        String.valueOf(database.queryForString("select count(*) from wfc.workflows")));
  }

  private long bytes() {
    return Long.parseLong(
        String.valueOf(
            database.queryForString(
                "select pg_total_relation_size('wfc.workflows')"
                    + " + pg_total_relation_size('wfc.execution_pointers')")));
  }

  private void purge() {
    long rows = rows();
    long bytes = bytes();
    CliRun preview = run("purge", "--complete", "1d", "--dry-run");
    assertThat(preview.exitCode()).as(preview.err()).isZero();
    assertThat(run("purge", "--complete", "1d", "--pause", "0", "--yes").exitCode()).isZero();
    assertThat(rows()).isLessThan(rows / 10);
    database.execute("vacuum full wfc.workflows");
    database.execute("vacuum full wfc.execution_pointers");
    assertThat(bytes()).isLessThan(bytes / 5);
    transcript.append(
        "Rows: %s, then %s. Bytes: %s, then %s%n".formatted(rows, rows(), bytes, bytes()));
  }

  @Test
  void eachIsFoundAndRepairedAtTheTerminal() throws Exception {
    createOthers();
    SteppedHost host =
        WorkflowHost.builder(store)
            .workflows(List.of(charge, payment, shipping, reminder))
            .name("host-1")
            .buildStepped(InstantSource.system());
    host.register();
    for (Map.Entry<String, Workflow<Order>> start :
        Map.of("order-1", charge, "order-2", payment, "order-3", shipping, "order-4", reminder)
            .entrySet()) {
      host.client()
          .startWorkflow(
              start.getValue(), new Order(start.getKey()), StartOptions.id(start.getKey()));
    }
    store.create(WorkflowInstance.builder("refund", 2).id("order-5").nextExecution(0L).build());
    host.client().startWorkflow(payment, new Order("order-6"), StartOptions.id("order-6"));
    host.runDue();
    host.client().suspend("order-6");
    host.client().publish(PAID, "order-02", new ObjectMapper().createObjectNode());
    host.runDue();
    assertThat(ActivityClient.over(store, "worker-7").take(SHIP, Duration.ofDays(1))).isPresent();

    // a step that has failed for the last time
    assertThat(run("list", "--failed").out()).contains("order-1").doesNotContain("order-2");
    assertThat(run("errors", "--by-message", "--since", "1h").out()).contains("connection refused");
    assertThat(run("why", "order-1").out()).contains("suspended");
    assertThat(run("show", "order-1").out()).contains("charge card  Failed", "Suspended");
    bankIsDown = false;
    assertThat(run("retry", "--failed", "--definition", "charge", "--yes").exitCode()).isZero();
    host.runDue();
    assertThat(status("order-1")).isEqualTo("Complete");

    // an event with another key
    assertThat(run("subscriptions", "paid").out()).contains("order-2");
    assertThat(run("events", "paid").out()).contains("order-02");
    assertThat(run("why", "order-2").out()).contains("order-02");
    assertThat(run("publish", "paid", "order-2", "--data", "{}", "--yes").exitCode()).isZero();
    host.runDue();
    assertThat(status("order-2")).isEqualTo("Complete");

    // a worker that is gone
    CliRun held = run("subscriptions", "--held", "-o", "json");
    JsonNode offer = new ObjectMapper().readTree(held.out()).at("/rows/0");
    assertThat(offer.get("worker").asText()).isEqualTo("worker-7");
    assertThat(run("why", "order-3").out()).contains("worker-7");
    assertThat(run("release-token", offer.get("id").asText(), "--yes").out()).contains("Released");
    assertThat(ActivityClient.over(store, "worker-8").take(SHIP, Duration.ofDays(1))).isPresent();

    // a long delay
    assertThat(run("list", "--due-after", "now", "--status", "runnable").out()).contains("order-4");
    assertThat(run("why", "order-4").out()).contains("cool off");
    assertThat(run("show", "order-4").out()).contains("cool off  Sleeping", "until");

    // a definition that no host knows
    assertThat(run("list", "--due-before", "now", "--unleased").out())
        .contains("order-5", "refund");
    assertThat(run("why", "order-5").out()).contains("due");
    assertThat(run("stats").out()).contains("payment").doesNotContain("refund");
    assertThat(run("why", "order-5").out())
        .contains("no live host knows definition refund version 2");
    assertThat(run("hosts").out())
        .contains("host-1", "true", "charge:1, payment:1, shipping:1, reminder:1")
        .doesNotContain("refund");

    // suspended by somebody
    assertThat(run("list", "--status", "suspended").out()).contains("order-6");
    assertThat(run("why", "order-6").out()).contains("suspended");
    assertThat(run("resume", "order-6", "--yes").exitCode()).isZero();
    assertThat(status("order-6")).isEqualTo("Runnable");
    assertThat(run("terminate", "order-6", "--yes").exitCode()).isZero();
    assertThat(run("rerun", "order-1", "--step", "charge card", "--yes").exitCode()).isZero();
    host.runDue();
    assertThat(status("order-1")).isEqualTo("Complete");
    purge();
  }
}
