package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.RandomWorkflow.Trace;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random definitions are executed as they say. Other seeds: {@code -Dhost.seed=…} and {@code
 * -Dhost.definitions=…}.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class RandomWorkflowsTest {
  private static final long FIRST_SEED = Long.getLong("host.seed", System.nanoTime());
  private static final int DEFINITIONS = Integer.getInteger("host.definitions", 300);

  /** More events than an instance can consume in a topic. */
  private static final int EVENTS = 1_000;

  @Test
  void inVirtualTime() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + DEFINITIONS; seed++) {
      inVirtualTime(seed);
    }
  }

  private static void inVirtualTime(long seed) {
    Random random = new Random(~seed);
    // The log needs the store of the test, and the test needs the definition.
    PersistenceProvider[] store = new PersistenceProvider[1];
    StepLog log = new StepLog(new Interceptor(() -> store[0]).provider());
    RandomWorkflow definition = new RandomWorkflow(seed, log);
    try (WorkflowTest test = WorkflowTest.of(definition.workflow())) {
      store[0] = test.provider();
      String id = "instance";
      test.startWorkflow(definition.workflow(), new Trace(id, List.of()), StartOptions.id(id));
      int[] published = new int[RandomWorkflow.TOPICS];
      for (int turn = 0; turn < 10_000; turn++) {
        WorkflowState<Trace> state = test.state(definition.workflow(), id);
        if (state.hasEnded()) {
          assertThat(definition.problems(state, log)).as("%s", definition).isEmpty();
          assertThat(log.problems()).as("%s", definition).isEmpty();
          return;
        }
        if (state.status() == WorkflowStatus.SUSPENDED) {
          test.retry(id);
        } else if (random.nextInt(3) == 0) {
          test.advance(Duration.ofMillis(random.nextInt(40)));
        } else {
          int topic = random.nextInt(RandomWorkflow.TOPICS);
          test.publish(RandomWorkflow.SIGNAL, RandomWorkflow.key(id, topic), published[topic]++);
        }
      }
      throw new AssertionError("%s: did not end".formatted(definition));
    }
  }

  @Test
  void byTwoHosts() {
    byTwoHosts(new InMemoryPersistenceProvider(), DEFINITIONS / 2, FIRST_SEED);
  }

  /** Executes the definitions on two hosts, while events are published. */
  static void byTwoHosts(PersistenceProvider store, int count, long firstSeed) {
    StepLog log = new StepLog(store);
    List<RandomWorkflow> definitions =
        LongStream.range(firstSeed, firstSeed + count)
            .mapToObj(seed -> new RandomWorkflow(seed, log))
            .toList();
    try (WorkflowHost one = host(store, definitions);
        WorkflowHost other = host(store, definitions)) {
      one.start();
      other.start();
      WorkflowClient client = WorkflowClient.over(store);
      for (int i = 0; i < definitions.size(); i++) {
        String id = "instance " + i;
        client.startWorkflow(
            definitions.get(i).workflow(), new Trace(id, List.of()), StartOptions.id(id));
      }
      Random random = new Random(firstSeed);
      List<Integer> running = new ArrayList<>();
      int[][] published = new int[definitions.size()][RandomWorkflow.TOPICS];
      for (int i = 0; i < definitions.size(); i++) {
        running.add(i);
      }
      Eventually.until(
          "end of all; first seed " + firstSeed,
          () -> {
            running.removeIf(i -> hasEnded(client, definitions.get(i), "instance " + i));
            for (int i : running) {
              int topic = random.nextInt(RandomWorkflow.TOPICS);
              if (published[i][topic] < EVENTS) {
                client.publish(
                    RandomWorkflow.SIGNAL,
                    RandomWorkflow.key("instance " + i, topic),
                    published[i][topic]++);
              }
            }
            return running.isEmpty();
          });
      for (int i = 0; i < definitions.size(); i++) {
        RandomWorkflow definition = definitions.get(i);
        assertThat(definition.problems(client.state(definition.workflow(), "instance " + i), log))
            .as("%s", definition)
            .isEmpty();
      }
      assertThat(log.problems()).as("first seed %s", firstSeed).isEmpty();
    }
  }

  private static WorkflowHost host(PersistenceProvider store, List<RandomWorkflow> definitions) {
    return WorkflowHost.builder(store)
        .workflows(definitions.stream().map(RandomWorkflow::workflow).toList())
        .workers(4)
        .polling(Duration.ofMillis(5), Duration.ofMillis(100))
        .build();
  }

  /** A suspended instance is retried. */
  private static boolean hasEnded(WorkflowClient client, RandomWorkflow definition, String id) {
    WorkflowState<Trace> state = client.state(definition.workflow(), id);
    if (state.status() == WorkflowStatus.SUSPENDED) {
      client.retry(id);
    }
    return state.hasEnded();
  }
}
