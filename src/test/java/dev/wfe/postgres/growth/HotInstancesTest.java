package dev.wfe.postgres.growth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A few instances that are persisted all the time leave the tables and indexes small, between two
 * rounds of autovacuum too: what is dead goes when its page is visited next.
 */
@ExtendWith(TestDatabaseExtension.class)
final class HotInstancesTest {
  /** More of them in {@code mvn -Plarge}. */
  private static final int PERSISTS = Integer.getInteger("wfe.test.hot.persists", 10_000);

  private static final int INSTANCES = 100;
  private static final int POINTERS = 10;
  private static final int THREADS = 4;

  /** A few rows fill less than a page; each of the threads may be writing to another one. */
  private static final long SMALL = 8 * 8192;

  private static final String SIZES =
      """
      select relname || ' ' || pg_relation_size(oid) from pg_class
      where relnamespace = 'wfc'::regnamespace and relkind in ('i', 'r')
        and relname ~ 'workflow|execution_pointers' and relname !~ 'subscriptions'
      """;

  private final TestDatabase database;

  HotInstancesTest(TestDatabase database) {
    this.database = database;
  }

  private Map<String, Long> sizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (String row : database.queryForStrings(SIZES).stream().map(String::valueOf).toList()) {
      String[] words = row.split(" ", 2);
      sizes.put(words[0], Long.valueOf(words[1]));
    }
    return sizes;
  }

  @Test
  void manyPersistsLeaveTheTablesUnderThreeTimesTheirSize()
      throws ExecutionException, InterruptedException {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(database.url())) {
      for (int i = 0; i < INSTANCES; i++) {
        provider.createNewWorkflow(Instances.withPointers("hot" + i, POINTERS));
      }
      database.execute("vacuum full");
      Map<String, Long> minimal = sizes();
      assertThat(minimal).hasSize(25);

      persistByAllThreads(provider);

      assertThat(sizes())
          .allSatisfy(
              (name, size) ->
                  assertThat(size)
                      .as(name)
                      .isLessThan(3 * Math.max(minimal.getOrDefault(name, 0L), SMALL)));
    }
  }

  private static void persistByAllThreads(PostgresPersistenceProvider provider)
      throws ExecutionException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        running.add(threads.submit(() -> persist(provider, thread)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Each time due at once again, as an instance is that has more steps to do. */
  private static void persist(PostgresPersistenceProvider provider, int thread) {
    List<WorkflowInstance> mine =
        new ArrayList<>(
            IntStream.range(0, INSTANCES / THREADS)
                .mapToObj(i -> provider.getWorkflowInstance("hot" + (i * THREADS + thread)))
                .toList());
    for (int i = 0; i < PERSISTS / THREADS; i++) {
      int place = i % mine.size();
      WorkflowInstance stepped =
          Instances.stepped(mine.get(place), (i / mine.size()) % POINTERS).toBuilder()
              .nextExecution(0L)
              .build();
      mine.set(place, provider.persistWorkflow(stepped));
    }
  }
}
