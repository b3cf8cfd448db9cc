package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.PointerStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule 10: Unknown definitions are left to hosts that know them. */
abstract class Rule10UnknownDefinitions extends HostRule {
  private Workflow<Notes> version(int version) {
    return Workflow.define("flow", version, Notes.class)
        .call("step", notes -> "version " + version, Notes::and)
        .build();
  }

  @Test
  void unknownVersionIsLeftAlone() throws Exception {
    WorkflowHost host = host(version(1));
    WorkflowClient client = WorkflowClient.over(store);
    String second = client.startWorkflow(version(2), Notes.NONE).id();
    String first = client.startWorkflow(version(1), Notes.NONE).id();
    ended(host, version(1), first);
    assertThat(client.state(version(2), second).steps().get(0).status())
        .isEqualTo(PointerStatus.PENDING);
    WorkflowHost knowing = host(version(2));
    ended(knowing, version(2), second);
  }

  @Test
  void versionsLiveSideBySide() throws Exception {
    WorkflowHost host = host(version(1), version(2));
    String first = host.startWorkflow(version(1), Notes.NONE).id();
    String second = host.startWorkflow(version(2), Notes.NONE).id();
    assertThat(ended(host, version(1), first).data().notes()).containsExactly("version 1");
    assertThat(ended(host, version(2), second).data().notes()).containsExactly("version 2");
  }

  @Test
  void changedGraphIsRefusedNamingTheDifference() {
    host(version(1));
    Workflow<Notes> renamed =
        Workflow.define("flow", 1, Notes.class).run("other", notes -> {}).build();
    WorkflowHost host = builder(store, renamed).build();
    hosts.add(host);
    assertThatThrownBy(host::start)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("'flow' version 1")
        .hasMessageContaining("step 'step' is missing")
        .hasMessageContaining("step 'other' is new");
  }

  @Test
  void changedKindIsRefused() {
    host(version(1));
    WorkflowHost host = builder(store, define().run("step", notes -> {}).build()).build();
    hosts.add(host);
    assertThatThrownBy(host::start)
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("kind of step 'step' was \"call\" and is \"run\"");
  }

  @Test
  void changedFunctionsAndTimesAreAccepted() {
    host(define().run("step", notes -> {}).delay("pause", Duration.ofDays(1)).build());
    host(
        define()
            .run("step", notes -> notes.and("x"), RetryPolicy.none())
            .delay("pause", Duration.ofDays(2))
            .build());
  }
}
