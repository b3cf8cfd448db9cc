package dev.wfe.postgres.modelled;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads write the same pointers, subscriptions and events, each in an order of its own, and
 * never wait for each other in a circle. {@code -Dwfe.test.deadlock.seconds=60} for a minute of it,
 * {@code -Dwfe.test.deadlock.seed=…} for the values of a run that was printed.
 */
class DeadlockFreedomTest {
  private static final int THREADS = 16;
  private static final int SECONDS = Integer.getInteger("wfe.test.deadlock.seconds", 4);
  private static final long SEED = Long.getLong("wfe.test.deadlock.seed", System.nanoTime());

  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final List<String> unexpected = Collections.synchronizedList(new ArrayList<>());

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void writersOfOverlappingThingsNeverWaitInACircle() throws Exception {
    try (TestDatabase database = TestDatabase.migrated()) {
      try (PostgresPersistenceProvider provider =
          PostgresPersistenceProvider.connect(
              database.url(), PostgresOptions.defaults().withPoolSize(THREADS))) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        for (int round = 0; System.nanoTime() - end < 0; round++) {
          provider.truncateAll();
          run(provider, round);
        }
      }
      System.out.println("seed " + SEED + ": " + counts);
      assertThat(unexpected).as("seed %d", SEED).isEmpty();
      assertThat(counts).containsKeys("created", "persisted", "subscribed", "published");
      assertThat(
              database.queryForString(
                  "select deadlocks from pg_stat_database where datname = current_database()"))
          .isEqualTo("0");
    }
  }

  /** Short, so that much of what is written is new to the store. */
  private void run(PersistenceProvider provider, int round) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Random random = new Random(SEED + 1_000L * round + i);
        running.add(threads.submit(() -> write(provider, random)));
      }
      for (Future<?> one : running) {
        one.get(10, TimeUnit.MINUTES);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void write(PersistenceProvider provider, Random random) {
    for (int i = 0; i < 30; i++) {
      try {
        one(provider, random);
      } catch (DuplicateException | StaleRevisionException expected) {
        count(expected.getClass().getSimpleName());
      } catch (StoreUnavailableException refusal) {
        if (String.valueOf(refusal.getMessage()).contains("SQLState")) {
          unexpected.add(refusal.toString());
        } else {
          count("gone");
        }
      } catch (StoreException failure) {
        unexpected.add(failure.toString());
      }
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private void one(PersistenceProvider provider, Random random) {
    String id = "w" + random.nextInt(24);
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        provider.createNewWorkflow(workflow(id, random));
        count("created");
      }
      case 2 -> {
        for (WorkflowInstance read : provider.getWorkflowInstances(List.of(id))) {
          provider.persistWorkflow(changed(read, random));
          count("persisted");
        }
      }
      case 3 -> {
        for (WorkflowInstance read : provider.getWorkflowInstances(List.of(id))) {
          provider.persistWorkflowWithSubscriptions(
              changed(read, random), subscriptions(random, 1 + random.nextInt(6)));
          count("subscribed");
        }
      }
      case 4 -> {
        provider.createEventSubscription(subscriptions(random, 1).get(0));
        count("subscribed");
      }
      default -> {
        Event event =
            Event.builder("event" + random.nextInt(3), "key")
                .id("e" + random.nextInt(200))
                .eventTime(Values.NOON.plusSeconds(random.nextInt(10)))
                .processed(true)
                .build();
        provider.createEvent(event);
        provider.markEventProcessed(event.id());
        count("published");
      }
    }
  }

  private static WorkflowInstance workflow(String id, Random random) {
    return WorkflowInstance.builder("definition", 1)
        .id(id)
        .name("n" + random.nextInt(24))
        .executionPointers(pointers(random))
        .build();
  }

  private static WorkflowInstance changed(WorkflowInstance read, Random random) {
    WorkflowInstance changed =
        read.toBuilder().name("n" + random.nextInt(24)).executionPointers(pointers(random)).build();
    return random.nextBoolean() ? changed : changed.toBuilder().revision(null).build();
  }

  /** Some of few, in any order. */
  private static List<ExecutionPointer> pointers(Random random) {
    return some("p", 40, random.nextInt(10), random).stream()
        .map(id -> ExecutionPointer.builder(id, random.nextInt(9)).build())
        .toList();
  }

  private static List<EventSubscription> subscriptions(Random random, int count) {
    return some("s", 60, count, random).stream()
        .map(
            id ->
                EventSubscription.builder("w", "p", "event" + random.nextInt(3), "key")
                    .id(id)
                    .subscribeAsOf(Values.NOON.plusSeconds(random.nextInt(10)))
                    .build())
        .toList();
  }

  private static List<String> some(String prefix, int of, int count, Random random) {
    List<String> ids =
        new ArrayList<>(IntStream.range(0, of).mapToObj(number -> prefix + number).toList());
    Collections.shuffle(ids, random);
    return ids.subList(0, count);
  }
}
