package dev.wfe.postgres.growth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.internal.schema.OldStores;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.Operations;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an operation reads does not grow with the tables. On a store with much finished work, no
 * statement scans a table, and none reads, sorts or joins more rows than it returns or writes.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PlanTest {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private static final int FEW = 10;
  private static final int CLAIMED_AT_ONCE = 64;

  /** More of them in {@code mvn -Plarge}. */
  private static final int ROWS = Integer.getInteger("wfe.test.plan.rows", 40_000);

  private static final int UNFINISHED = ROWS / 100;

  /** How many times larger the planner takes the tables to be. */
  private static final int TIMES_LARGER = 4_000_000 / ROWS;

  /** Half of the cost from which a server with default settings compiles a statement. */
  private static final double MAX_COST = 50_000;

  private static final String MANY_POINTERS =
      "createNewWorkflow and persistWorkflow, many pointers";

  private static final String CLAIM_MANY = "claimWorkflows, many";

  /** What calls give or write that do more than a few rows. */
  private static final Map<String, Integer> MANY =
      Map.of(
          "getRunnableInstances",
          UNFINISHED,
          "getRunnableEvents",
          UNFINISHED,
          MANY_POINTERS,
          200,
          CLAIM_MANY,
          CLAIMED_AT_ONCE);

  /** What {@link Operations#fill} makes and the calls leave. */
  private static final String FORGET_CALLS =
      """
      delete from wfc.execution_pointers where workflow_id in (
        select id from wfc.workflows where definition_id = 'definition');
      delete from wfc.workflows where definition_id = 'definition';
      delete from wfc.events where id = 'e';
      delete from wfc.event_subscriptions where id in ('s', 'excluding');
      update wfc.events set is_processed = true where id in ('e101', 'e201');
      delete from wfc.scheduled_commands where data in ('w', 'e');
      delete from wfc.workflow_leases;
      delete from wfc.event_leases;
      """;

  private final TestDatabase database;

  /** An upgraded store, whose 32-bit ids the planner has to compare with 64-bit parameters. */
  PlanTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  void fill() {
    database.execute(OldStores.RUST_PROVIDER);
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.over(database.dataSource())) {
      provider.ensureStoreExists();
      provider.truncateAll();
    }
    database.execute(FinishedWork.rows(1, ROWS));
    database.execute("vacuum analyze");
    // As it is when no host has left many dead rows in it: without statistics.
    database.execute("truncate wfc.command_claims");
    database.execute(
        "update pg_class set reltuples = reltuples * %s where relnamespace = 'wfc'::regnamespace"
            .formatted(TIMES_LARGER));
  }

  /** Both kinds, because the server changes from one to the other after some uses. */
  @ParameterizedTest
  @ValueSource(strings = {"force_custom_plan", "force_generic_plan"})
  void noOperationReadsMoreThanItReturns(String planCacheMode) {
    try (ExplainedStatements statements =
            new ExplainedStatements(database, "set plan_cache_mode = " + planCacheMode);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      Operations.fill(provider);
      SoftAssertions softly = new SoftAssertions();
      calls()
          .forEach(
              (operation, call) -> {
                List<Plan> plans = statements.of(() -> call.accept(provider));
                softly.assertThat(plans).as(operation).isNotEmpty();
                for (Plan plan : plans) {
                  softly
                      .assertThat(plan.estimatedCost())
                      .as("estimated cost of %s: %s", operation, plan)
                      .isLessThanOrEqualTo(MAX_COST);
                  softly.assertThat(plan.scannedTables()).as("%s: %s", operation, plan).isEmpty();
                  softly
                      .assertThat(plan.mostRows())
                      .as("%s: %s", operation, plan)
                      .isLessThanOrEqualTo(
                          FEW + MANY.getOrDefault(operation, 0) + sorted(operation, planCacheMode));
                }
              });
      softly.assertAll();
    } finally {
      database.execute(FORGET_CALLS);
    }
  }

  /**
   * PostgreSQL 14 and 15 sort a whole topic, rather than rows of one time, when a generic plan
   * takes every topic for a small one.
   */
  private int sorted(String operation, String planCacheMode) {
    boolean sorts =
        planCacheMode.equals("force_generic_plan")
            && operation.contains(" of many")
            && "t"
                .equals(
                    database.queryForString(
                        "select current_setting('server_version_num')::int < 160000"));
    return sorts ? UNFINISHED : 0;
  }

  @Test
  void aFailedCommandIsNotReadAgain() {
    int commands = 500;
    database.execute(
        """
        insert into wfc.scheduled_commands (command_name, data, execute_time)
          select 'ProcessEvent', 'fails' || i, 1 from generate_series(1, %s) i
        """
            .formatted(commands));
    try (ExplainedStatements statements = new ExplainedStatements(database, "");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      AtomicLong failed = new AtomicLong();

      List<Plan> plans =
          statements.of(() -> failed.set(provider.processCommands(LATER, failing()).failed()));

      assertThat(failed).hasValue(commands);
      assertThat(plans)
          .allSatisfy(
              plan -> assertThat(plan.mostRows()).isLessThanOrEqualTo(CLAIMED_AT_ONCE + FEW));
    } finally {
      database.execute("delete from wfc.scheduled_commands where data like 'fails%'");
    }
  }

  @Test
  void aPersistWithoutRevisionIsLinearWithLittleMemory() {
    int pointers = 3_000;
    try (ExplainedStatements statements =
            new ExplainedStatements(database, "set work_mem = '64kB'");
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.over(statements.dataSource())) {
      String id = provider.createNewWorkflow(Instances.withPointers(unique(), pointers));
      WorkflowInstance byHand = provider.getWorkflowInstance(id).toBuilder().revision(null).build();

      List<Plan> plans = statements.of(() -> provider.persistWorkflow(byHand));

      assertThat(plans)
          .isNotEmpty()
          .allSatisfy(plan -> assertThat(plan.mostRows()).isLessThanOrEqualTo(2 * pointers));
      database.execute(
          "delete from wfc.execution_pointers where workflow_id = '%1$s';".formatted(id)
              + "delete from wfc.workflows where id = '%s'".formatted(id));
    }
  }

  private static CommandHandler failing() {
    return command -> {
      throw new IllegalStateException(command.data());
    };
  }

  private static String unique() {
    return UUID.randomUUID().toString();
  }

  private static Map<String, Consumer<PostgresPersistenceProvider>> calls() {
    Map<String, Consumer<PostgresPersistenceProvider>> calls =
        new LinkedHashMap<>(Operations.all());
    calls.remove("truncateAll");
    calls.keySet().removeIf(PlanTest::countsAmongOthers);
    RepeatedCalls.all()
        .forEach(
            (operation, call) ->
                calls.put(operation + ", again", store -> call.accept(store, unique())));
    calls.put(
        "persistWorkflow, renamed, with other data",
        store ->
            store.persistWorkflow(
                store.getWorkflowInstance("w").toBuilder()
                    .name("renamed")
                    .data(IntNode.valueOf(1))
                    .build()));
    calls.put(
        MANY_POINTERS,
        store -> {
          String id = store.createNewWorkflow(Instances.withPointers(unique(), 100));
          WorkflowInstance read = store.getWorkflowInstance(id);
          List<ExecutionPointer> others = Instances.withPointers(unique(), 50).executionPointers();
          store.persistWorkflow(read.toBuilder().executionPointers(others).build());
          store.persistWorkflow(read.toBuilder().revision(null).build());
        });
    calls.put(
        "persistWorkflow, refused",
        store -> {
          WorkflowInstance taken =
              store.getWorkflowInstance("w").toBuilder().name("name 7").build();
          assertThatThrownBy(() -> store.persistWorkflow(taken))
              .isInstanceOf(DuplicateException.class);
        });
    calls.put(
        "getWorkflowInstances, many",
        store ->
            assertThat(store.getWorkflowInstances(List.of("w1", "w2", "w3", "w" + ROWS)))
                .hasSize(4));
    calls.put(
        "getSubscriptions of many, limited",
        store -> assertThat(store.getSubscriptions("name", "many", LATER, 2)).hasSize(2));
    calls.put(
        "getFirstOpenSubscription of many",
        store -> assertThat(store.getFirstOpenSubscription("name", "many", LATER)).isPresent());
    calls.put(
        "getEvents of many, limited",
        store -> assertThat(store.getEvents("name", "many", LATER, 2)).hasSize(2));
    calls.put(
        "getEventsSince of many, limited",
        store -> assertThat(store.getEventsSince("name", "many", Instant.EPOCH, 2)).hasSize(2));
    calls.put("createEventSubscription of many, with exclusions", PlanTest::subscribeToTheNewest);
    calls.put("markEventProcessed, excluded and not", PlanTest::markExcludedAndNot);
    calls.put(
        CLAIM_MANY,
        store ->
            assertThat(
                    store
                        .claimWorkflows(
                            new ClaimRequest(
                                "host",
                                List.of(new DefinitionVersion("d", 1)),
                                CLAIMED_AT_ONCE,
                                1_000_000,
                                Duration.ofMinutes(1)))
                        .workflows())
                .hasSize(CLAIMED_AT_ONCE));
    return calls;
  }

  /** A dry run reads what does not match, too: nothing but a purge goes through it in pages. */
  private static boolean countsAmongOthers(String operation) {
    return operation.startsWith("getPurgeableCount, orphans")
        || operation.equals("getPurgeableCount, events");
  }

  /** The topic has many events. The subscription covers the newest three, and excludes one. */
  private static void subscribeToTheNewest(PostgresPersistenceProvider store) {
    store.createEventSubscription(
        EventSubscription.builder("w", "p", "name", "many")
            .id("excluding")
            .subscribeAsOf(requireNonNull(store.getEvent("e201").eventTime()))
            .excludedEventIds(excluding("e1"))
            .build());
    assertThat(Stream.of("e1", "e101", "e201").map(id -> store.getEvent(id).processed()))
        .containsExactly(true, false, false);
  }

  /** As many exclusions as there may be, the given one among them. */
  private static List<String> excluding(String event) {
    return Stream.concat(IntStream.range(1, 100).mapToObj(i -> "gone " + i), Stream.of(event))
        .toList();
  }

  private static void markExcludedAndNot(PostgresPersistenceProvider store) {
    String key = unique();
    String covered = store.createEvent(Event.builder("name", key).build());
    String excluded = store.createEvent(Event.builder("name", key).build());
    String subscription =
        store.createEventSubscription(
            EventSubscription.builder("w", "p", "name", key)
                .subscribeAsOf(Instant.EPOCH)
                .excludedEventIds(excluding(excluded))
                .build());
    assertThat(store.markEventProcessed(excluded)).isTrue();
    assertThat(store.markEventProcessed(covered)).isFalse();
    store.terminateSubscription(subscription);
    assertThat(store.markEventProcessed(covered)).isTrue();
  }
}
