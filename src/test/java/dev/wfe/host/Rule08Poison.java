package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rule 8: Poison is contained. */
abstract class Rule08Poison extends HostRule {
  @Test
  void instanceThatWasClaimedTenTimesWithoutAWriteIsSuspended() {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow = define().run("step", notes -> executions.incrementAndGet()).build();
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    for (int i = 0; i < 10; i++) {
      Eventually.until("the lease has expired", () -> !claim().isEmpty());
    }
    host(workflow);
    awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
    assertThat(WorkflowClient.over(store).state(workflow, id).step("step").orElseThrow().error())
        .contains("claimed 10 times");
    assertThat(executions).hasValue(0);
  }

  private List<ClaimedWorkflow> claim() {
    return store
        .claimWorkflows(
            new ClaimRequest(
                "dying host",
                List.of(new DefinitionVersion("flow", 1)),
                1,
                1_000,
                Duration.ofMillis(1)))
        .workflows();
  }

  @Test
  void outputThatIsTooLargeSuspendsTheWorkflowAndNoOther() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .call(
                "step",
                notes -> {
                  executions.incrementAndGet();
                  return notes.notes().contains("large") ? "x".repeat(33 << 20) : "small";
                },
                Notes::and)
            .build();
    WorkflowHost host = host(workflow);
    String large = host.startWorkflow(workflow, Notes.NONE.and("large")).id();
    String small = host.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(host, workflow, small).data().notes()).containsExactly("small");
    awaitState(workflow, large, state -> state.status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, large).step("step").orElseThrow().error()).isNotEmpty();
    assertThat(executions).hasValue(2);
  }

  @Test
  void outcomesThatTogetherExceedAWriteAreAllStored() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    Interceptor small = new Interceptor(store);
    small.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && call.arguments().get(0) instanceof List<?> writes) {
            if (writes.size() > 1) {
              refused.incrementAndGet();
              throw new InvalidValueException("writeAll", "", "writes", "are too large together");
            }
          }
          return call.proceed();
        });
    Workflow<Notes> workflow = define().call("step", notes -> "done", Notes::and).build();
    WorkflowHost host = builder(small.provider(), workflow).build();
    hosts.add(host);
    List<String> ids =
        host
            .startWorkflows(
                workflow, Collections.nCopies(30, new Start<>(Notes.NONE, StartOptions.none())))
            .stream()
            .map(result -> result.orThrow().id())
            .toList();
    host.start();
    for (String id : ids) {
      assertThat(ended(host, workflow, id).data().notes()).containsExactly("done");
    }
    assertThat(refused).hasPositiveValue();
  }

  @Test
  void outputThatCannotBeStoredSuspendsTheWorkflow() {
    assertSuspendedBy(define().call("step", notes -> "a\0b", Notes::and).build(), "NUL");
  }

  @Test
  void outputThatCannotBeMappedSuspendsTheWorkflow() {
    assertSuspendedBy(
        define().call("step", notes -> new Cyclic(), (notes, cyclic) -> notes).build(), "");
  }

  @Test
  void dataThatCannotBeMappedSuspendsTheWorkflow() {
    Workflow<Fragile> workflow =
        Workflow.define("flow", 1, Fragile.class)
            .update("step", fragile -> new Fragile("broken"))
            .run("next", fragile -> {})
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, new Fragile("fine")).id();
    Eventually.until(
        "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, id).step("step").orElseThrow().error())
        .contains("broken getter");
  }

  @Test
  void dataThatNoLongerMapsSuspendsTheWorkflow() {
    Workflow<Notes> workflow = define().run("step", notes -> {}).build();
    WorkflowClient client = WorkflowClient.over(store);
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    store.write(
        WorkflowWrite.of(
                store.getLiveWorkflow(id).toBuilder()
                    .data(JsonNodeFactory.instance.textNode("not notes"))
                    .build())
            .build());
    host(workflow);
    Eventually.until(
        "suspended", () -> store.getLiveWorkflow(id).status() == WorkflowStatus.SUSPENDED);
    assertThat(store.getWorkflowInstance(id).executionPointers().get(0).extensionAttributes())
        .containsKey(Engine.ERROR);
  }

  @Test
  void deliveryThatIsRefusedForGoodSuspendsTheWorkflow() {
    Workflow<Notes> workflow =
        define()
            .await(
                "wait", CALLED, notes -> "key", (notes, event) -> notes.and("x".repeat(33 << 20)))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    host.publish(CALLED, "key", "now");
    awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, id).step("wait").orElseThrow().error()).isNotEmpty();
  }

  @Test
  void deliveryWhoseDataCannotBeMappedSuspendsTheWorkflow() {
    Workflow<Fragile> workflow =
        Workflow.define("flow", 1, Fragile.class)
            .await("wait", CALLED, fragile -> "key", (fragile, event) -> new Fragile("broken"))
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, new Fragile("fine")).id();
    host.publish(CALLED, "key", "now");
    Eventually.until(
        "suspended", () -> host.state(workflow, id).status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, id).step("wait").orElseThrow().error())
        .contains("broken getter");
  }

  private void assertSuspendedBy(Workflow<Notes> workflow, String error) {
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, id).step("step").orElseThrow().error()).contains(error);
  }

  /** A value that Jackson cannot write. */
  static final class Cyclic {
    public Cyclic getSelf() {
      return this;
    }
  }

  /** A value that Jackson can write sometimes. */
  record Fragile(String name) {
    public String getChecked() {
      if (name.equals("broken")) {
        throw new IllegalStateException("broken getter");
      }
      return name;
    }

    @com.fasterxml.jackson.annotation.JsonCreator
    static Fragile of(
        @com.fasterxml.jackson.annotation.JsonProperty("name") String name,
        @com.fasterxml.jackson.annotation.JsonProperty("checked") String checked) {
      return new Fragile(name);
    }
  }
}
