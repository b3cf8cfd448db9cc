package dev.wfe.postgres.modelled;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.memory.MemoryOperator;
import dev.wfe.model.ExecutionError;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.concurrency.Fixtures;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.testing.TestDatabase;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import org.jspecify.annotations.Nullable;

/**
 * Random sequences of all operations on the in-memory provider and on PostgreSQL, with a few things
 * in both: each call gives the same, and at the end both hold the same. What fails is made as short
 * as it gets.
 *
 * <p>{@code -Dwfe.test.model.tries=10000} for more of them, {@code -Dwfe.test.model.seed=…} for
 * those of a failure that was printed.
 */
@AddLifecycleHook(ModelTest.Settings.class)
class ModelTest {
  private static @Nullable TestDatabase database;
  private static @Nullable PostgresPersistenceProvider postgres;

  private final InMemoryPersistenceProvider memory = new InMemoryPersistenceProvider();

  /** Settings from the command line: the number of tries and the seed. */
  static final class Settings implements AroundPropertyHook {
    @Override
    public PropertyExecutionResult aroundProperty(
        PropertyLifecycleContext context, PropertyExecutor property) {
      Integer tries = Integer.getInteger("wfe.test.model.tries");
      if (tries != null) {
        context.attributes().setTries(tries);
      }
      String seed = System.getProperty("wfe.test.model.seed");
      if (seed != null) {
        context.attributes().setSeed(seed);
      }
      return property.execute();
    }
  }

  @BeforeContainer
  static void open() {
    database = TestDatabase.migrated();
    postgres = PostgresPersistenceProvider.connect(database.url());
  }

  @AfterContainer
  static void close() {
    Objects.requireNonNull(postgres).close();
    Objects.requireNonNull(database).close();
  }

  @Provide
  Arbitrary<List<Call>> calls() {
    return Arbitraries.frequencyOf(
            Tuple.of(6, WorkflowCalls.any()),
            Tuple.of(3, EventCalls.any()),
            Tuple.of(3, SubscriptionCalls.any()),
            Tuple.of(3, CommandCalls.any()))
        .list()
        .ofMinSize(1)
        .ofMaxSize(60)
        .withSizeDistribution(RandomDistribution.uniform());
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void everySequenceOfCallsGivesTheSameInMemoryAndOnPostgreSql(@ForAll("calls") List<Call> calls) {
    memory.truncateAll();
    database().emptyStore("wfc");
    CallContext expected = new CallContext(memory, new MemoryOperator(memory));
    CallContext actual = new CallContext(postgres(), new SqlOperator(database().dataSource()));
    List<String> history = new ArrayList<>();
    for (Call call : Stream.concat(Fixtures.SOME_OF_ALL.stream(), calls.stream()).toList()) {
      Object given = call.outcome(expected);
      history.add("%s. %s → %s".formatted(history.size() + 1, call, Described.of(given)));
      requireSame(history, given, call.outcome(actual));
    }
    List<FinalState.Answer> held = FinalState.of(expected);
    List<FinalState.Answer> stored = FinalState.of(actual);
    requireSame(history, held.size(), stored.size());
    for (int i = 0; i < held.size(); i++) {
      requireSame(history, held.get(i), stored.get(i));
    }
    requireSame(history, memory.persistedErrors(), storedErrors());
    requireSame(history, "0", database().queryForString("select count(*) from wfc.command_claims"));
  }

  private static void requireSame(List<String> history, Object expected, @Nullable Object actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError(
          "The stores differ after\n%s\nin memory:  %s\nPostgreSQL: %s"
              .formatted(String.join("\n", history), Described.of(expected), Described.of(actual)));
    }
  }

  /** No operation reads them yet. */
  private static List<ExecutionError> storedErrors() {
    try (EntityManager entities = postgres().entityManagerFactory().createEntityManager()) {
      return entities
          .createQuery("from ExecutionErrorEntity e order by e.id", ExecutionErrorEntity.class)
          .getResultStream()
          .map(
              error ->
                  new ExecutionError(
                      error.getErrorTime(),
                      error.getWorkflowId(),
                      error.getExecutionPointerId(),
                      error.getMessage()))
          .toList();
    }
  }

  private static TestDatabase database() {
    return Objects.requireNonNull(database);
  }

  private static PostgresPersistenceProvider postgres() {
    return Objects.requireNonNull(postgres);
  }
}
