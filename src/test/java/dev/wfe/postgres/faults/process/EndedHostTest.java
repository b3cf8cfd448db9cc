package dev.wfe.postgres.faults.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A process that is ended by SIGTERM while it runs a host or a worker gives back what it holds. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class EndedHostTest {
  private static final int ENDED = 128 + 15;

  private final TestDatabase database;

  EndedHostTest(TestDatabase database) {
    this.database = database;
  }

  private String count(String where) {
    return String.valueOf(database.queryForString("select count(*) from " + where));
  }

  @Test
  void hostGivesItsLeasesBack() throws Exception {
    try (var provider = PostgresPersistenceProvider.connect(database.url());
        var program =
            HostProcess.start(EndingHost.class, database.url(), EndingHost.Role.HOST.name())) {
      WorkflowClient client = WorkflowClient.over(provider);
      String id = client.startWorkflow(EndingHost.workflow(), "data").id();
      program.awaitSaid(EndingHost.WORKING);
      assertThat(count("wfc.workflow_leases")).isEqualTo("1");

      assertThat(program.end()).isEqualTo(ENDED);

      assertThat(count("wfc.workflow_leases")).isEqualTo("0");
      assertThat(client.state(EndingHost.workflow(), id).step("step").orElseThrow().failures())
          .isZero();
    }
  }

  @Test
  void workerGivesItsActivitiesBack() throws Exception {
    Workflow<String> workflow =
        Workflow.define("one activity", 1, String.class)
            .activity("step", EndingHost.ACTIVITY, data -> data, (data, output) -> output)
            .build();
    String held = "wfc.event_subscriptions where external_token is not null";
    try (var provider = PostgresPersistenceProvider.connect(database.url());
        var host = WorkflowHost.builder(provider).workflow(workflow).build();
        var program =
            HostProcess.start(EndingHost.class, database.url(), EndingHost.Role.WORKER.name())) {
      host.start();
      String id = host.startWorkflow(workflow, "data").id();
      program.awaitSaid(EndingHost.WORKING);
      assertThat(count(held)).isEqualTo("1");

      assertThat(program.end()).isEqualTo(ENDED);

      assertThat(count(held)).isEqualTo("0");
      Eventually.isTrue(
          "the activity waits for a worker", () -> !host.state(workflow, id).waits().isEmpty());
      assertThat(host.state(workflow, id).step("step").orElseThrow().failures()).isZero();
    }
  }
}
