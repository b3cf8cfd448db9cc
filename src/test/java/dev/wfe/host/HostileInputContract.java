package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input of applications and of other programs harms nobody else. */
abstract class HostileInputContract extends HostRule {
  private static final Workflow<Notes> GOOD =
      Workflow.define("good", 1, Notes.class).call("step", notes -> "done", Notes::and).build();

  /** The host still executes workflows. */
  private void assertGoesOn(WorkflowHost host) throws Exception {
    String id = host.startWorkflow(GOOD, Notes.NONE).id();
    assertThat(ended(host, GOOD, id).data().notes()).containsExactly("done");
  }

  static Stream<String> texts() {
    return Stream.of(
        "'; drop table wfc.workflows; --",
        "$1 :x ? {} ''",
        "\ud83d\ude00",
        "\u202e\u0301\u001f\n",
        "x".repeat(1_024),
        "\u00e9".repeat(512));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void textIsTextWhateverItSays(String text) throws Exception {
    EventType<String> type = EventType.of(text, String.class);
    Workflow<Notes> workflow =
        Workflow.define(text, 1, Notes.class)
            .await(text, type, notes -> text, Notes::and)
            .call("step", notes -> text, Notes::and)
            .build();
    WorkflowHost host = host(workflow);
    String id =
        host.startWorkflow(workflow, Notes.NONE, StartOptions.id(text).name(text).reference(text))
            .id();
    assertThat(id).isEqualTo(text);
    assertThat(host.idOf(text)).isEqualTo(text);
    assertThat(host.publishOnce(text, type, text, text)).isTrue();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly(text, text);
  }

  static Stream<String> unstorable() {
    return Stream.of("a\0b", "a\ud83d", "x".repeat(1_025), "\u00e9".repeat(513));
  }

  @ParameterizedTest
  @MethodSource("unstorable")
  void textThatCannotBeStoredIsRefusedNamingTheField(String text) throws Exception {
    WorkflowHost host = host(GOOD);
    assertThatThrownBy(() -> host.startWorkflow(GOOD, Notes.NONE, StartOptions.id(text)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("id");
    assertThatThrownBy(() -> host.startWorkflow(GOOD, Notes.NONE, StartOptions.none().name(text)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("name");
    assertThatThrownBy(
            () -> host.startWorkflow(GOOD, Notes.NONE, StartOptions.none().reference(text)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("reference");
    assertThatThrownBy(() -> host.publish(CALLED, text, "payload"))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("eventKey");
    assertThatThrownBy(() -> host.publishOnce(text, CALLED, "key", "payload"))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("id");
    assertGoesOn(host);
  }

  @ParameterizedTest
  @MethodSource("unstorable")
  void keyThatCannotBeStoredSuspendsTheWorkflowThatComputedIt(String key) throws Exception {
    Workflow<Notes> workflow =
        define().run("before", n -> {}).await("wait", CALLED, n -> key, Notes::and).build();
    WorkflowHost host = host(workflow, GOOD);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, state -> state.status() == WorkflowStatus.SUSPENDED);
    assertThat(host.state(workflow, id).steps())
        .anySatisfy(step -> assertThat(String.valueOf(step.error())).contains("eventKey"));
    assertGoesOn(host);
  }

  @Test
  void emptyKeyIsAKeyLikeAnyOther() throws Exception {
    Workflow<Notes> workflow = define().await("wait", CALLED, n -> "", Notes::and).build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    host.publish(CALLED, "", "event");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("event");
  }

  private static JsonNode foreign() {
    return JsonNodeFactory.instance.objectNode().put("notes", 7).put("unknown", true);
  }

  static Stream<Arguments> readers() {
    return Stream.of(
        Arguments.of("run", define().run("step", notes -> {}).build()),
        Arguments.of("update", define().update("step", notes -> notes).build()),
        Arguments.of("condition", define().when("step", notes -> true, yes -> {}).build()),
        Arguments.of("key", define().await("step", CALLED, notes -> "key", Notes::and).build()),
        Arguments.of(
            "transaction", define().runInTransaction("step", (notes, transaction) -> {}).build()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("readers")
  void dataThatNoLongerMapsSuspendsTheWorkflowAndOthersGoOn(String reader, Workflow<Notes> workflow)
      throws Exception {
    WorkflowClient client = WorkflowClient.over(store);
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    store.write(
        WorkflowWrite.of(store.getLiveWorkflow(id).toBuilder().data(foreign()).build()).build());
    WorkflowHost host = host(workflow, GOOD);
    assertSuspended(id, "Stored JSON cannot be read as dev.wfe.host.Notes");
    assertThat(store.getLiveWorkflow(id).data()).isEqualTo(foreign());
    assertGoesOn(host);
  }

  private void assertSuspended(String id, String error) {
    Eventually.until(
        "suspended", () -> store.getLiveWorkflow(id).status() == WorkflowStatus.SUSPENDED);
    assertThat(store.getWorkflowInstance(id).executionPointers())
        .anySatisfy(
            pointer ->
                assertThat(String.valueOf(pointer.extensionAttributes().get(Engine.ERROR)))
                    .contains(error));
  }

  @Test
  void payloadThatDoesNotMapSuspendsTheWorkflowAndOthersGoOn() throws Exception {
    EventType<Integer> counted = EventType.of("counted", Integer.class);
    Workflow<Notes> workflow =
        define().await("wait", counted, notes -> "key", (notes, number) -> notes).build();
    WorkflowHost host = host(workflow, GOOD);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    store.createEvent(Event.builder("counted", "key").eventData(foreign()).build());
    assertSuspended(id, "Stored JSON cannot be read as java.lang.Integer");
    assertGoesOn(host);
  }

  @Test
  void resultOfAnActivityThatDoesNotMapSuspendsTheWorkflowAndOthersGoOn() throws Exception {
    ActivityType<String, Integer> count = ActivityType.of("count", String.class, Integer.class);
    ActivityType<String, String> spoken = ActivityType.of("count", String.class, String.class);
    Workflow<Notes> workflow =
        define().activity("count", count, notes -> "input", (notes, number) -> notes).build();
    WorkflowHost host = host(workflow, GOOD);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    ActivityClient worker = ActivityClient.over(store, "worker");
    Eventually.until(
        "activity",
        () -> {
          var task = worker.take(spoken, Duration.ofMinutes(1));
          task.ifPresent(taken -> taken.complete("many"));
          return task.isPresent();
        });
    assertSuspended(id, "Stored JSON cannot be read as java.lang.Integer");
    assertGoesOn(host);
  }

  @Test
  void startsAreRefusedOneByOne() throws Exception {
    WorkflowHost host = host(GOOD);
    assertThat(host.startWorkflows(GOOD, List.<Start<Notes>>of())).isEmpty();
    Start<Notes> good = new Start<>(Notes.NONE, StartOptions.none());
    Start<Notes> large = new Start<>(Notes.NONE.and("x".repeat(33 << 20)), StartOptions.none());
    List<ItemResult<StartResult>> results = host.startWorkflows(GOOD, List.of(good, large, good));
    assertThatThrownBy(() -> results.get(1).orThrow())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("data");
    for (int i : List.of(0, 2)) {
      assertThat(ended(host, GOOD, results.get(i).orThrow().id()).hasEnded()).isTrue();
    }
    assertGoesOn(host);
  }

  @Test
  void clientOfAClosedHostStillWorksAndTheHostCannotBeStartedAgain() throws Exception {
    WorkflowHost closed = host(GOOD);
    closed.close();
    String id = closed.startWorkflow(GOOD, Notes.NONE).id();
    closed.publish(CALLED, "key", "event");
    assertThat(closed.suspend(id)).isTrue();
    assertThat(closed.resume(id)).isTrue();
    assertThatThrownBy(closed::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("build a new one");
    assertThat(closed.state(GOOD, id).status()).isEqualTo(WorkflowStatus.RUNNABLE);
    assertThat(ended(host(GOOD), GOOD, id).hasEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void settingsOutOfRangeAreRefusedNamingTheSetting(int seconds) {
    Duration wrong = Duration.ofSeconds(seconds);
    Duration tooLong = Duration.ofDays(2);
    Duration second = Duration.ofSeconds(1);
    WorkflowHost.Builder builder = WorkflowHost.builder(store);
    assertRefused("workers", () -> builder.workers(seconds));
    assertRefused("lease", () -> builder.lease(wrong));
    assertRefused("lease", () -> builder.lease(second.minusNanos(1)));
    assertRefused("lease", () -> builder.lease(tooLong));
    assertRefused("shortest", () -> builder.polling(wrong, second));
    assertRefused("longest", () -> builder.polling(second, wrong));
    assertRefused("longest", () -> builder.polling(second, tooLong));
    assertRefused("closeTimeout", () -> builder.closeTimeout(Duration.ofNanos(-1)));
    assertRefused("closeTimeout", () -> builder.closeTimeout(tooLong));
  }

  private static void assertRefused(String setting, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(setting);
  }
}
