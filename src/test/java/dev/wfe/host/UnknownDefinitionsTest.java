package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rule 10: unknown definitions are reported. */
final class UnknownDefinitionsTest {
  private static final DefinitionVersion OLD = new DefinitionVersion("order", 1);

  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
  private final WorkflowClient client = WorkflowClient.over(store);
  private final UnknownDefinitions unknown =
      new UnknownDefinitions(new Definitions(List.of(version(2)), HostJson.standard()));

  private static Workflow<String> version(int version) {
    return Workflow.define("order", version, String.class).run("step", order -> {}).build();
  }

  private Set<DefinitionVersion> look() {
    return unknown.look(store.getDueDefinitions());
  }

  private void claim(DefinitionVersion definition) {
    store.claimWorkflows(
        new ClaimRequest("other", List.of(definition), 10, 1_000, Duration.ofHours(1)));
  }

  @Test
  void aDefinitionIsReportedOnceIfItsWorkflowIsStillDueAtTheNextLook() {
    client.startWorkflow(version(1), "1001");
    client.startWorkflow(version(2), "1002");

    assertThat(look()).isEmpty();
    assertThat(look()).containsExactly(OLD);
    assertThat(look()).isEmpty();
  }

  @Test
  void aDefinitionIsReportedAgainAfterAnotherHostHasExecutedItForAWhile() {
    client.startWorkflow(version(1), "1001");
    assertThat(look()).isEmpty();
    assertThat(look()).containsExactly(OLD);
    claim(OLD);
    assertThat(look()).isEmpty();

    client.startWorkflow(version(1), "1002");

    assertThat(look()).isEmpty();
    assertThat(look()).containsExactly(OLD);
  }

  @Test
  void aDefinitionWhoseWorkflowsOtherHostsExecuteIsNotReported() {
    for (int i = 0; i < 3; i++) {
      client.startWorkflow(version(1), "order " + i);
      assertThat(look()).isEmpty();
      claim(OLD);
    }
  }
}
