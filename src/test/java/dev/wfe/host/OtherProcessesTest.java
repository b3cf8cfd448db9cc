package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A host learns at once of work that another process makes due, however seldom it polls. */
@ExtendWith(TestDatabaseExtension.class)
final class OtherProcessesTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final long WAKE_UPS = 5;
  private static final String WORKFLOWS_CLAIMED = "insert into \"wfc\".\"workflow_leases\"";
  private static final String EVENTS_CLAIMED = "insert into \"wfc\".\"event_leases\"";
  private static final String REGISTERED = "insert into \"wfc\".\"workflow_hosts\"";
  private static final String DUE = "d.version, due.id";
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private static final Workflow<Notes> WORKFLOW =
      Workflow.define("woken", 1, Notes.class)
          .call("first", notes -> "started", Notes::and)
          .await("wait", CALLED, notes -> "key", Notes::and)
          .build();

  private final TestDatabase database;

  OtherProcessesTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void anotherProcessStartsAWorkflowAndPublishesAnEvent() throws Exception {
    try (PostgresPersistenceProvider executing =
            PostgresPersistenceProvider.connect(database.url());
        PostgresPersistenceProvider calling = PostgresPersistenceProvider.connect(database.url());
        WorkflowHost host =
            WorkflowHost.builder(executing).workflow(WORKFLOW).polling(NEVER, NEVER).build()) {
      host.start();
      WorkflowClient client = WorkflowClient.over(calling);
      String id = client.startWorkflow(WORKFLOW, Notes.NONE).id();
      Eventually.until(
          "the first step ends",
          () -> client.state(WORKFLOW, id).data().notes().contains("started"));
      client.publish(CALLED, "key", "event");
      Eventually.until("the workflow ends", () -> client.state(WORKFLOW, id).hasEnded());
      assertThat(client.state(WORKFLOW, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
    }
  }

  /** Apart from the claims, of which each poll makes one of workflows and one of events. */
  @Test
  void listeningCostsNoStatements() throws Exception {
    Queue<String> sent = new ConcurrentLinkedQueue<>();
    DataSource counting =
        ProxyDataSourceBuilder.create(database.dataSource())
            .afterQuery(
                (execution, queries) -> queries.forEach(query -> sent.add(query.getQuery())))
            .build();
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(counting);
        WorkflowHost host =
            WorkflowHost.builder(provider).workflow(WORKFLOW).polling(NEVER, NEVER).build()) {
      host.start();
      Eventually.until("it listens", () -> sent.stream().anyMatch(sql -> sql.contains("listen")));
      for (int i = 0; i < WAKE_UPS; i++) {
        long workflows = count(sent, WORKFLOWS_CLAIMED);
        long events = count(sent, EVENTS_CLAIMED);
        database.execute("notify \"wfe.wfc.\"");
        Eventually.until(
            "it polls",
            () ->
                count(sent, WORKFLOWS_CLAIMED) > workflows && count(sent, EVENTS_CLAIMED) > events);
      }
      Eventually.until("it has looked for unknown definitions", () -> count(sent, DUE) > 0);
      Eventually.until("it is registered", () -> count(sent, REGISTERED) > 0);
    }
    // One poll at the start, and one when it begins to listen. The others: the check of the server,
    // the definition, the look for unknown ones, the begin and the end of listening, and the begin
    // and the end of the host's registration.
    assertThat(count(sent, WORKFLOWS_CLAIMED)).isBetween(WAKE_UPS, WAKE_UPS + 2);
    assertThat(count(sent, EVENTS_CLAIMED)).isBetween(WAKE_UPS, WAKE_UPS + 2);
    assertThat(sent)
        .filteredOn(sql -> !sql.contains(WORKFLOWS_CLAIMED) && !sql.contains(EVENTS_CLAIMED))
        .hasSize(7);
  }

  private static long count(Collection<String> sent, String part) {
    return sent.stream().filter(sql -> sql.contains(part)).count();
  }
}
