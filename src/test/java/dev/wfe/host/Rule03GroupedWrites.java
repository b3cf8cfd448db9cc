package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rule 3: A finished step is written with the next group. */
abstract class Rule03GroupedWrites extends HostRule {
  @Test
  void hostThatKeepsTheLeaseReadsNothingBetweenWrites() throws Exception {
    Set<String> operations = ConcurrentHashMap.newKeySet();
    Interceptor watched = new Interceptor(store);
    Workflow<Notes> workflow =
        define()
            .call("one", notes -> "1", Notes::and)
            .update("two", notes -> notes.and("2"))
            .call("three", notes -> "3", Notes::and)
            .build();
    started(builder(watched.provider(), workflow));
    Eventually.until("registered", () -> !store.getHosts(1).isEmpty());
    watched.intercept(
        (operation, call) -> {
          operations.add(operation);
          return call.proceed();
        });
    WorkflowClient client = WorkflowClient.over(store);
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(client, workflow, id).data().notes()).containsExactly("1", "2", "3");
    assertThat(operations)
        .isSubsetOf("claimWorkflows", "claimEvents", "writeAll", "renew", "getDueDefinitions");
  }

  @Test
  void manyInstancesEndWithFewWorkers() throws Exception {
    AtomicInteger executions = new AtomicInteger();
    Workflow<Notes> workflow =
        define()
            .run("one", notes -> executions.incrementAndGet())
            .runInTransaction("two", (notes, transaction) -> executions.incrementAndGet())
            .build();
    WorkflowHost host =
        started(
            builder(store, workflow)
                .workers(1)
                .polling(Duration.ofMillis(10), Duration.ofMinutes(10)));
    List<String> ids =
        IntStream.range(0, 100)
            .mapToObj(i -> host.startWorkflow(workflow, Notes.NONE).id())
            .toList();
    for (String id : ids) {
      ended(host, workflow, id);
    }
    assertThat(executions).hasValue(200);
  }
}
