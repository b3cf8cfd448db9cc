package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.RandomWorkflow;
import dev.wfe.host.RandomWorkflow.Trace;
import dev.wfe.host.StartOptions;
import dev.wfe.host.WorkflowClient;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives the hosts work, in a thread of its own: starts workflows, so that there are always some
 * that have not ended; publishes events before, while and after they are waited for; suspends
 * workflows and resumes them; terminates some, perhaps before their children have ended; retries
 * what has failed for the last time; terminates each {@link LastingWorkflow} that has a child.
 * Whatever fails because of a fault is called again, under the same id.
 */
final class HostWorkload {
  private static final int MAX_EVENTS = 1_000;
  private static final int MAX_LASTING = 2;
  private static final long PAUSE_MILLIS = 15;

  private static final String UNFINISHED =
      "select id, status from wfc.workflows where status in ('Runnable', 'Suspended')"
          + " and definition_id like 'random %'";

  private static final String WAITS =
      "select workflow_id, event_key from wfc.event_subscriptions where event_name = 'signal'";

  private final Sql database;
  private final WorkflowClient client;
  private final List<RandomWorkflow> definitions;
  private final Random random;
  private final int maxRunning;
  private final List<RandomWorkflow> started = new ArrayList<>();
  private final Set<String> terminated = new HashSet<>();
  private final Set<String> lasting = new HashSet<>();
  private int startedLasting;
  private final Map<String, Integer> published = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Thread thread = new Thread(this::run, "workload");
  private volatile boolean ending;
  private volatile boolean abandoned;
  private volatile @Nullable Throwable failure;

  /**
   * Begins.
   *
   * @param maxRunning how many workflows have not ended at a time
   */
  HostWorkload(
      Sql database,
      WorkflowClient client,
      List<RandomWorkflow> definitions,
      Random random,
      int maxRunning) {
    this.database = database;
    this.client = client;
    this.definitions = definitions;
    this.random = random;
    this.maxRunning = maxRunning;
    thread.start();
  }

  private void run() {
    try {
      while (!abandoned) {
        Map<String, String> unfinished = unfinished();
        if (ending && unfinished.isEmpty()) {
          return;
        }
        startSome(unfinished.size());
        control(unfinished);
        startAndTerminateLasting();
        publish(unfinished.keySet());
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (Throwable error) { // reported by awaitEnd
      failure = error;
    }
  }

  private Map<String, String> unfinished() throws InterruptedException {
    Map<String, String> statuses = new HashMap<>();
    database
        .rowsPersistently(UNFINISHED)
        .forEach(row -> statuses.put(String.valueOf(row.get(0)), String.valueOf(row.get(1))));
    return statuses;
  }

  private void startSome(int running) throws InterruptedException {
    for (int i = running; i < maxRunning && !ending; i++) {
      RandomWorkflow definition = definitions.get(started.size() % definitions.size());
      String id = id(started.size());
      persistently(
          () ->
              client.startWorkflow(
                  definition.workflow(), new Trace(id, List.of()), StartOptions.id(id)));
      started.add(definition);
      if (random.nextInt(3) == 0) {
        publish(RandomWorkflow.key(id, random.nextInt(RandomWorkflow.TOPICS)));
      }
    }
  }

  private void control(Map<String, String> unfinished) throws InterruptedException {
    for (Map.Entry<String, String> workflow : unfinished.entrySet()) {
      String id = workflow.getKey();
      if (workflow.getValue().equals("Suspended")) {
        count("retried or resumed");
        persistently(() -> client.retry(id) > 0 || client.resume(id));
      } else if (!ending && random.nextInt(250) == 0) {
        count("terminated");
        terminated.add(id);
        persistently(() -> client.terminate(id));
      } else if (!ending && random.nextInt(40) == 0) {
        count("suspended");
        persistently(() -> client.suspend(id));
        if (random.nextBoolean()) {
          persistently(() -> client.resume(id));
        }
      }
    }
  }

  private void startAndTerminateLasting() throws InterruptedException {
    for (List<@Nullable String> row : database.rowsPersistently(LastingWorkflow.WITH_CHILD)) {
      String id = String.valueOf(row.get(0));
      if (lasting.remove(id)) {
        count("terminated with a child");
        persistently(() -> client.terminate(id));
      }
    }
    if (!ending && lasting.size() < MAX_LASTING && random.nextInt(20) == 0) {
      String id = LastingWorkflow.id(startedLasting++);
      persistently(
          () ->
              client.startWorkflow(
                  LastingWorkflow.workflow(), new Trace(id, List.of()), StartOptions.id(id)));
      lasting.add(id);
    }
  }

  private void publish(Set<String> unfinished) throws InterruptedException {
    Set<String> awaited = new HashSet<>();
    database.rowsPersistently(WAITS).forEach(row -> awaited.add(String.valueOf(row.get(1))));
    for (String id : unfinished) {
      for (int topic = 0; topic < RandomWorkflow.TOPICS; topic++) {
        String key = RandomWorkflow.key(id, topic);
        if (random.nextInt(awaited.contains(key) ? 3 : 60) == 0) {
          publish(key);
        }
      }
    }
  }

  /** The payloads of a topic count from 0. */
  private void publish(String key) throws InterruptedException {
    int number = published.getOrDefault(key, 0);
    if (number < MAX_EVENTS) {
      persistently(
          () -> client.publishOnce(key + "#" + number, RandomWorkflow.SIGNAL, key, number));
      published.put(key, number + 1);
      count("published");
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  /** An idempotent call. */
  @FunctionalInterface
  private interface Call {
    Object make();
  }

  private static void persistently(Call call) throws InterruptedException {
    while (true) {
      try {
        call.make();
        return;
      } catch (StoreException failure) {
        if (!failure.retryable() && !(failure instanceof UnknownOutcomeException)) {
          throw failure;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  static String id(int number) {
    return "random-" + number;
  }

  /** Starts no more workflows, and returns the ids of those that do not end in time. */
  Set<String> awaitEnd(long seconds) throws InterruptedException {
    ending = true;
    thread.join(TimeUnit.SECONDS.toMillis(seconds));
    abandoned = true;
    thread.join();
    Throwable error = failure;
    if (error != null) {
      throw new IllegalStateException("The workload failed: " + error, error);
    }
    return unfinished().keySet();
  }

  /** The definition of each started workflow. */
  List<RandomWorkflow> started() {
    return started;
  }

  /** The ids of the workflows that a call has terminated, unless they had ended before. */
  Set<String> terminated() {
    return terminated;
  }

  /** How many actions of each kind there were. */
  Map<String, Integer> counts() {
    return counts;
  }
}
