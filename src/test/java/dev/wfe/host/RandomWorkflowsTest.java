package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.RandomWorkflow.Trace;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.WorkflowStateException;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  /** Instances end whatever calls change them, and blocks count what is open in them. */
  @Test
  void underRandomControl() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + DEFINITIONS; seed++) {
      underRandomControl(seed);
    }
  }

  private static void underRandomControl(long seed) {
    Random random = new Random(~seed);
    PersistenceProvider[] store = new PersistenceProvider[1];
    StepLog log = new StepLog(new Interceptor(() -> store[0]).provider());
    RandomWorkflow definition = new RandomWorkflow(seed, log);
    List<String> calls = new ArrayList<>();
    try (WorkflowTest test = WorkflowTest.of(definition.workflow())) {
      store[0] = test.provider();
      String id = "instance";
      test.startWorkflow(definition.workflow(), new Trace(id, List.of()), StartOptions.id(id));
      int event = 0;
      int left = 1 + random.nextInt(12);
      for (int turn = 0; turn < 10_000; turn++) {
        assertCounts(test.provider().getWorkflowInstance(id), definition, calls);
        WorkflowState<Trace> state = test.state(definition.workflow(), id);
        if (left > 0 && random.nextInt(3) == 0) {
          control(test, state, random, calls);
          left--;
        } else if (state.hasEnded()) {
          if (left == 0) {
            assertThat(test.provider().getSubscriptions(topics(id), 10)).isEmpty();
            return;
          }
          left--;
        } else if (state.status() == WorkflowStatus.SUSPENDED) {
          assertThat(test.retry(id) > 0 || test.resume(id))
              .as("%s after %s: can go on; %s", definition, calls, state)
              .isTrue();
        } else if (random.nextInt(3) == 0) {
          test.advance(Duration.ofMillis(random.nextInt(40)));
        } else {
          int topic = random.nextInt(RandomWorkflow.TOPICS);
          test.publish(RandomWorkflow.SIGNAL, RandomWorkflow.key(id, topic), event++);
        }
      }
      throw new AssertionError("%s did not end after %s".formatted(definition, calls));
    }
  }

  private static Set<Topic> topics(String id) {
    return IntStream.range(0, RandomWorkflow.TOPICS)
        .mapToObj(topic -> new Topic(RandomWorkflow.SIGNAL.name(), RandomWorkflow.key(id, topic)))
        .collect(Collectors.toSet());
  }

  private static void control(
      WorkflowTest test, WorkflowState<Trace> state, Random random, List<String> calls) {
    StepState step = state.steps().get(random.nextInt(state.steps().size()));
    String named = random.nextBoolean() ? step.name() : step.id();
    int kind = random.nextInt(12);
    String call = kind < 6 ? "rerun" : kind < 9 ? "cancel" : kind < 11 ? "suspend" : "terminate";
    calls.add(call + " " + named);
    try {
      switch (call) {
        case "rerun" -> test.rerun(state.id(), named);
        case "cancel" -> test.cancel(state.id(), named);
        case "suspend" -> test.suspend(state.id());
        default -> test.terminate(state.id());
      }
    } catch (WorkflowStateException refused) {
      calls.add("refused: " + refused.getMessage());
    }
  }

  private static void assertCounts(
      WorkflowInstance instance, RandomWorkflow definition, List<String> calls) {
    Flow flow = new Flow(instance);
    for (ExecutionPointer block : flow.pointers()) {
      BlockState state = block.status().isEnd() ? null : BlockState.of(block);
      if (state != null && !instance.status().isEnded() && !Sagas.hasFailed(block)) {
        assertThat((long) state.open())
            .as("%s after %s: open in %s", definition, calls, block.stepName())
            .isEqualTo(flow.heads(block).stream().filter(flow::isOpenFrom).count());
      }
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
