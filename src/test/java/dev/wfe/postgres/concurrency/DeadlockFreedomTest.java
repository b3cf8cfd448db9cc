package dev.wfe.postgres.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.modelled.Values;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads write the same new pointers, subscriptions and events at the same time, each in an
 * order of its own, and never deadlock. {@code -Dwfe.test.deadlock.seconds=60} runs it for a
 * minute, {@code -Dwfe.test.deadlock.seed=…} repeats the values of a run.
 */
class DeadlockFreedomTest {
  private static final int THREADS = 16;
  private static final int SECONDS = Integer.getInteger("wfe.test.deadlock.seconds", 4);
  private static final long SEED = Long.getLong("wfe.test.deadlock.seed", System.nanoTime());

  private static final int WRITES_IN_ROUND = 4;

  private static final String OF_ALL = "w0";
  private static final String OF_SHARED_COMMANDS = "commands scheduled at the same moment";

  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final List<String> unexpected = Collections.synchronizedList(new ArrayList<>());

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void writersOfOverlappingThingsNeverWaitInACircle() throws Exception {
    try (TestDatabase database = TestDatabase.migrated()) {
      try (PostgresPersistenceProvider provider =
          PostgresPersistenceProvider.connect(
              database.url(),
              PostgresOptions.builder().poolSize(THREADS).retryTimeout(Duration.ZERO).build())) {
        run(provider);
      }
      System.out.println("seed " + SEED + ": " + counts);
      assertThat(unexpected).as("seed %s", SEED).isEmpty();
      assertThat(counts)
          .containsKeys(
              "created", "persisted", "subscribed", "published", "written", "ended", "scheduled");
      assertThat(
              database.queryForString(
                  "select deadlocks from pg_stat_database where datname = current_database()"))
          .as("deadlocks beside those of shared commands")
          .isEqualTo(Integer.toString(counts.getOrDefault(OF_SHARED_COMMANDS, 0)));
    }
  }

  private void run(PersistenceProvider provider) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    AtomicBoolean goesOn = new AtomicBoolean(true);
    CyclicBarrier nextRound =
        new CyclicBarrier(THREADS, () -> goesOn.set(System.nanoTime() - end < 0));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        String name = "w" + i;
        Random random = new Random(SEED + i);
        provider.createNewWorkflow(workflow(name, List.of()));
        running.add(
            threads.submit(
                () -> {
                  for (int round = 0; nextRound.await(1, TimeUnit.MINUTES) >= 0; round++) {
                    if (!goesOn.get()) {
                      return true;
                    }
                    for (int n = 0; n < WRITES_IN_ROUND; n++) {
                      write(provider, new Round(name, round, random));
                    }
                  }
                  return false;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void write(PersistenceProvider provider, Round round) {
    try {
      one(provider, round);
    } catch (DuplicateException | StaleRevisionException expected) {
      count(expected.getClass().getSimpleName());
    } catch (StoreUnavailableException refusal) {
      if (isOfSharedCommands(refusal)) {
        count(OF_SHARED_COMMANDS);
      } else if (String.valueOf(refusal.getMessage()).contains("SQLState")) {
        unexpected.add(refusal.toString());
      } else {
        count("gone");
      }
    } catch (StoreException failure) {
      unexpected.add(failure.toString());
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private void one(PersistenceProvider provider, Round round) {
    switch (round.random().nextInt(9)) {
      case 0 -> {
        provider.createNewWorkflow(workflow(round.newName(), round.pointers()));
        count("created");
      }
      case 1, 2 -> {
        provider.persistWorkflow(changed(provider, round));
        count("persisted");
      }
      case 3 -> {
        provider.persistWorkflowWithSubscriptions(changed(provider, round), round.subscriptions());
        count("subscribed");
      }
      case 4 -> {
        provider.createEventSubscription(round.subscriptions().get(0));
        count("subscribed");
      }
      case 5 -> {
        Event event = round.event();
        provider.createEvent(event);
        provider.markEventProcessed(event.id());
        count("published");
      }
      case 6, 7 -> inBatches(provider, round);
      default -> smallBatches(provider, round);
    }
  }

  /** Few of the keys in a batch are those that others ask for at the same time. */
  private void inBatches(PersistenceProvider provider, Round round) {
    List<WorkflowWrite> writes = new ArrayList<>();
    for (String id : round.some("w", 4, "")) {
      LiveWorkflow read = provider.getLiveWorkflow(id);
      List<ExecutionPointer> pointers = new ArrayList<>(read.pointers());
      pointers.add(ExecutionPointer.builder(round.rarelyShared("p"), 0).build());
      boolean guarded = round.random().nextInt(4) > 0;
      writes.add(
          WorkflowWrite.of(
                  read.toBuilder()
                      .pointers(pointers.stream().distinct().toList())
                      .revision(guarded ? read.revision() : null)
                      .build())
              .deletePointers(round.some("p", 3))
              .subscribe(List.of(round.subscription(round.rarelyShared("s"))))
              .endSubscriptions(round.some("s", 3))
              .publish(List.of(round.event().toBuilder().id(round.rarelyShared("e")).build()))
              .create(List.of(workflow(round.rarelyShared("n"), List.of())))
              .schedule(List.of(ScheduledCommand.processWorkflow(UUID.randomUUID().toString(), -1)))
              .build());
    }
    settled(provider.writeAll(writes), "written");
    settled(
        provider.createAll(
            IntStream.range(0, 4)
                .mapToObj(
                    i ->
                        workflow(
                            round.rarelyShared("n"),
                            List.of(ExecutionPointer.builder(round.rarelyShared("p"), 0).build())))
                .toList()),
        "created");
  }

  /**
   * The one deadlock that is possible: two batches schedule the same commands, some of which are
   * new to only one of them. With its usual options the provider repeats the batch.
   */
  private static boolean isOfSharedCommands(StoreUnavailableException refusal) {
    return String.valueOf(refusal.getMessage()).startsWith("scheduleCommands: deadlock detected");
  }

  private void smallBatches(PersistenceProvider provider, Round round) {
    settled(provider.terminateSubscriptions(round.some("s", 4)), "ended");
    settled(provider.scheduleCommands(round.commands()), "scheduled");
    settled(provider.createEvents(List.of(round.event(), round.event())), "published");
    provider.processCommands(Instant.EPOCH, 4, command -> {});
  }

  private void settled(List<? extends ItemResult<?>> results, String what) {
    for (ItemResult<?> result : results) {
      if (!(result instanceof ItemResult.Refused<?> refused)) {
        count(what);
      } else if (refused.reason() instanceof DuplicateException
          || refused.reason() instanceof StaleRevisionException
          || refused.reason() instanceof NotFoundException) {
        count("refused in a batch");
      } else {
        unexpected.add(refused.reason().toString());
      }
    }
  }

  /** Its own workflow, or the one of all: what it had is given up, and others may ask for it. */
  private static WorkflowInstance changed(PersistenceProvider provider, Round round) {
    boolean own = round.random().nextInt(4) > 0;
    WorkflowInstance read = provider.getWorkflowInstance(own ? round.name() : OF_ALL);
    List<ExecutionPointer> pointers = new ArrayList<>(round.pointers());
    if (round.random().nextBoolean()) {
      read.executionPointers().stream()
          .filter(pointer -> !pointers.contains(pointer))
          .forEach(pointers::add);
    }
    WorkflowInstance changed = read.toBuilder().executionPointers(pointers).build();
    boolean alone = !read.id().equals(OF_ALL);
    return alone && round.random().nextBoolean()
        ? changed.toBuilder().revision(null).build()
        : changed;
  }

  private static WorkflowInstance workflow(String id, List<ExecutionPointer> pointers) {
    return WorkflowInstance.builder("definition", 1).id(id).executionPointers(pointers).build();
  }

  /** What one thread writes in one round: all of them the same new ids, in any order. */
  private record Round(String name, int number, Random random) {
    String newName() {
      return "new in round " + number + " " + (random.nextBoolean() ? "" : name);
    }

    private String topic() {
      return "topic " + random.nextInt(2);
    }

    List<ExecutionPointer> pointers() {
      return some("p", 1 + random.nextInt(8)).stream()
          .map(id -> ExecutionPointer.builder(id, 0).build())
          .collect(Collectors.toCollection(ArrayList::new));
    }

    List<EventSubscription> subscriptions() {
      return some("s", 1 + random.nextInt(6)).stream().map(this::subscription).toList();
    }

    EventSubscription subscription(String id) {
      return EventSubscription.builder("w", "p", topic(), "key")
          .id(id)
          .subscribeAsOf(Values.NOON.plusSeconds(number - 3L))
          .build();
    }

    String rarelyShared(String prefix) {
      return random.nextInt(8) == 0
          ? some(prefix, 1).get(0)
          : prefix + random.nextLong() + " of " + name;
    }

    Event event() {
      return Event.builder(topic(), "key")
          .id(some("e", 1).get(0))
          .eventTime(Values.NOON.plusSeconds(number))
          .processed(true)
          .build();
    }

    List<ScheduledCommand> commands() {
      return some("c", 4).stream().map(id -> ScheduledCommand.processWorkflow(id, -1)).toList();
    }

    List<String> some(String prefix, int count) {
      return some(prefix, count, " of round " + number);
    }

    List<String> some(String prefix, int count, String suffix) {
      List<String> ids =
          new ArrayList<>(IntStream.range(0, 8).mapToObj(i -> prefix + i + suffix).toList());
      Collections.shuffle(ids, random);
      return ids.subList(0, count);
    }
  }
}
