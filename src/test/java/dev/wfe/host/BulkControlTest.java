package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.testing.WorkflowTest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Controlling many instances, in virtual time and with failures of the store. */
final class BulkControlTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);

  private final Workflow<Notes> workflow = version(1);

  private static Workflow<Notes> version(int version) {
    return Workflow.define("flow", version, Notes.class)
        .run("step", notes -> {}, RetryPolicy.none())
        .parallel(
            "both",
            a -> a.await("wait", CALLED, notes -> notes.notes().get(0), Notes::and),
            b -> b.await("other", CALLED, notes -> notes.notes().get(0), Notes::and))
        .build();
  }

  private List<String> start(WorkflowClient client, int count) {
    List<String> ids = IntStream.range(0, count).mapToObj(i -> "flow-" + i).toList();
    client.startWorkflows(
        workflow,
        ids.stream().map(id -> new Start<>(Notes.NONE.and(id), StartOptions.id(id))).toList());
    return ids;
  }

  private static <T> List<T> values(Map<String, ItemResult<T>> results) {
    return results.values().stream().map(ItemResult::orThrow).toList();
  }

  private static <T> T result(Map<String, ItemResult<T>> results, String id) {
    return Objects.requireNonNull(results.get(id)).orThrow();
  }

  @Test
  void eachOperationHasAResultForEachInstance() {
    Workflow<Notes> second = version(2);
    try (WorkflowTest test = WorkflowTest.of(workflow, second)) {
      test.failNext("step", new IllegalStateException("broken"));
      List<String> ids = start(test, 3);
      BulkControl all = test.all(ids);
      assertThat(values(all.suspend())).containsExactly(true, true, true);
      assertThat(values(all.resume())).containsExactly(false, true, true);
      assertThat(values(all.retry())).containsExactly(1, 0, 0);
      assertThat(values(all.rerun("wait"))).allSatisfy(steps -> assertThat(steps).hasSize(1));
      assertThat(values(all.rerun(workflow, "wait", notes -> notes.and("x")))).hasSize(3);
      assertThat(values(all.cancel("wait"))).allSatisfy(steps -> assertThat(steps).hasSize(1));
      assertThat(values(all.move(second, StepMapping.sameNames()))).containsOnly(true);
      assertThat(test.state(second, "flow-1").version()).isEqualTo(2);
      test.publish(CALLED, "flow-1", "event");
      assertThat(values(all.terminate())).containsExactly(true, false, true);
      assertThat(test.state(second, "flow-1").data().notes())
          .containsExactly("flow-1", "x", "event");
      assertThat(values(all.resume())).containsOnly(false);
    }
  }

  @Test
  void refusalOfOneDoesNotAffectTheOthers() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      test.failNext("step", new IllegalStateException("broken"));
      List<String> ids = start(test, 3);
      List<String> asked = new ArrayList<>(List.of("missing", ids.get(2)));
      asked.addAll(ids);
      Map<String, ItemResult<List<StepState>>> results = test.all(asked).rerun("wait");
      assertThat(results.keySet()).containsExactly("missing", "flow-2", "flow-0", "flow-1");
      assertThatThrownBy(() -> result(results, "missing")).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> result(results, "flow-0"))
          .isInstanceOf(WorkflowStateException.class)
          .hasMessageContaining("Step 'wait' has not begun");
      assertThat(result(results, "flow-1")).hasSize(1);
      assertThat(result(results, "flow-2")).hasSize(1);
    }
  }

  @Test
  void noIdsAreNoRoundTrip() {
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      assertThat(test.all(List.of()).suspend()).isEmpty();
    }
  }

  @Test
  void staleWritesAreRepeatedForTheirInstancesAlone() {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    Interceptor interceptor = new Interceptor(store);
    List<String> ids = start(WorkflowClient.over(store), 3);
    Map<String, Integer> sizes = new HashMap<>();
    AtomicInteger turn = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll")) {
            if (turn.incrementAndGet() == 1) {
              store.persistWorkflow(store.getWorkflowInstance("flow-1"));
            }
            sizes.put(
                operation + turn.get(),
                ((Collection<?>) Objects.requireNonNull(call.arguments().get(0))).size());
          }
          return call.proceed();
        });
    assertThat(values(WorkflowClient.over(interceptor.provider()).all(ids).suspend()))
        .containsOnly(true);
    assertThat(sizes).isEqualTo(Map.of("writeAll1", 3, "writeAll2", 1));
    ids.forEach(
        id ->
            assertThat(store.getWorkflowInstance(id).status()).isEqualTo(WorkflowStatus.SUSPENDED));
  }

  @Test
  void outageIsTheResultOfWhatIsNotDone() {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    Interceptor interceptor = new Interceptor(store);
    List<String> ids = start(WorkflowClient.over(store), 250);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writes.incrementAndGet() == 2) {
            throw new StoreUnavailableException("no connection", List.of(), null);
          }
          return call.proceed();
        });
    List<Integer> done = new ArrayList<>();
    Map<String, ItemResult<Boolean>> results =
        WorkflowClient.over(interceptor.provider()).all(ids).onProgress(done::add).suspend();
    assertThat(results.keySet()).containsExactlyElementsOf(ids);
    assertThat(results.values().stream().filter(ItemResult.Written.class::isInstance)).hasSize(100);
    assertThatThrownBy(() -> result(results, "flow-100"))
        .isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> result(results, "flow-249"))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(writes).hasValue(2);
    assertThat(done).containsExactly(100, 250);
  }

  @Test
  void unknownOutcomeIsTheResultOfItsBatch() {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    Interceptor interceptor = new Interceptor(store);
    List<String> ids = start(WorkflowClient.over(store), 150);
    AtomicInteger writes = new AtomicInteger();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll") && writes.incrementAndGet() == 1) {
            throw new UnknownOutcomeException(operation, false, List.of(), null);
          }
          return call.proceed();
        });
    Map<String, ItemResult<Boolean>> results =
        WorkflowClient.over(interceptor.provider()).all(ids).terminate();
    assertThatThrownBy(() -> result(results, "flow-99"))
        .isInstanceOf(UnknownOutcomeException.class);
    assertThat(result(results, "flow-100")).isTrue();
  }
}
