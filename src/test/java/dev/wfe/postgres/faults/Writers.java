package dev.wfe.postgres.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that create workflows and take each some steps further, one more pointer and one more
 * subscription with every step, and that remember what was acknowledged. A workflow whose write
 * fails is left as it is.
 */
public final class Writers implements AutoCloseable {
  private static final int STEPS = 3;
  private static final int MISSING = -1;
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private final PostgresPersistenceProvider store;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Progress> workflows = new ConcurrentHashMap<>();
  private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong unavailable = new AtomicLong();
  private volatile boolean stopped;

  private Writers(PostgresPersistenceProvider store) {
    this.store = store;
  }

  /** The steps of one workflow; 0 is its creation. */
  private record Progress(int acknowledged, int tried) {}

  public static Writers start(PostgresPersistenceProvider store, int count) {
    Writers writers = new Writers(store);
    for (int i = 0; i < count; i++) {
      String name = "writer-" + i;
      Thread thread = new Thread(() -> writers.write(name), name);
      thread.setDaemon(true);
      writers.threads.add(thread);
    }
    writers.threads.forEach(Thread::start);
    return writers;
  }

  private void write(String name) {
    for (int n = 0; !stopped; n++) {
      try {
        writeOne(name + "-" + n);
      } catch (UnknownOutcomeException expected) {
        unknown.incrementAndGet();
      } catch (StoreUnavailableException expected) {
        unavailable.incrementAndGet();
      } catch (RuntimeException | Error failure) {
        unexpected.add(failure);
      }
    }
  }

  private void writeOne(String id) {
    workflows.put(id, new Progress(MISSING, 0));
    WorkflowInstance value = at(id, 0);
    store.createNewWorkflow(value);
    acknowledge(id, 0);
    value = store.getWorkflowInstance(id);
    for (int step = 1; step <= STEPS; step++) {
      workflows.put(id, new Progress(step - 1, step));
      EventSubscription subscription =
          EventSubscription.builder(id, pointerId(id, step), "step", id)
              .id(subscriptionId(id, step))
              .subscribeAsOf(Instant.EPOCH)
              .build();
      value =
          store
              .persistWorkflowWithSubscriptions(next(value, step), List.of(subscription))
              .instance();
      acknowledge(id, step);
    }
  }

  private void acknowledge(String id, int step) {
    workflows.put(id, new Progress(step, step));
    acknowledged.incrementAndGet();
  }

  private static String pointerId(String id, int step) {
    return id + "-pointer-" + step;
  }

  private static String subscriptionId(String id, int step) {
    return id + "-subscription-" + step;
  }

  private static WorkflowInstance at(String id, int step) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name(id)
        .data(IntNode.valueOf(step))
        .executionPointers(List.of(ExecutionPointer.builder(pointerId(id, step), step).build()))
        .build();
  }

  private static WorkflowInstance next(WorkflowInstance value, int step) {
    List<ExecutionPointer> pointers = new ArrayList<>(value.executionPointers());
    pointers.add(ExecutionPointer.builder(pointerId(value.id(), step), step).build());
    return value.toBuilder().data(IntNode.valueOf(step)).executionPointers(pointers).build();
  }

  /** Returns once so many more writes were acknowledged than were before. */
  public void awaitAcknowledged(long more, long patienceSeconds) {
    long target = acknowledged.get() + more;
    Eventually.isTrue(
        more + " more writes are acknowledged; failures: " + unexpected,
        patienceSeconds,
        () -> acknowledged.get() >= target);
  }

  /** Stops, and waits for what is under way. */
  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Holds, when they have stopped, that every acknowledged write is stored, that one of unknown
   * outcome is stored wholly or not at all, and that nothing else failed.
   */
  public void assertNothingLost() {
    assertThat(unexpected).isEmpty();
    workflows.forEach(
        (id, progress) -> {
          List<WorkflowInstance> found = store.getWorkflowInstances(List.of(id));
          int step = found.isEmpty() ? MISSING : found.get(0).data().intValue();
          assertThat(step)
              .as("step of %s, %s", id, progress)
              .isBetween(progress.acknowledged(), progress.tried());
          if (!found.isEmpty()) {
            assertThat(found.get(0).executionPointers()).as("pointers of %s", id).hasSize(step + 1);
          }
          assertThat(store.getSubscriptions("step", id, LATER))
              .as("subscriptions of %s", id)
              .hasSize(Math.max(step, 0));
        });
  }

  @Override
  public String toString() {
    return "%s workflows; writes acknowledged %s, unknown %s, unavailable %s"
        .formatted(workflows.size(), acknowledged.get(), unknown.get(), unavailable.get());
  }
}
