package dev.wfe.postgres.writes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WriteResult;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.cost.CountingSockets;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch without collisions is one round trip and one transaction. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BatchCostTest {
  private static final int MANY = 40;

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  BatchCostTest(TestDatabase database) {
    this.database = database;
    provider =
        PostgresPersistenceProvider.connect(
            CountingSockets.url(database),
            PostgresOptions.builder().poolSize(1).wakeUps(false).build());
    // The first use of a connection is not counted.
    provider.nextDefinitionSequence("any");
  }

  @AfterEach
  void empty() {
    provider.truncateAll();
  }

  @AfterAll
  void close() {
    provider.close();
  }

  private static <T> T inRoundTrips(long count, Supplier<T> call) {
    long before = CountingSockets.roundTrips();
    T result = call.get();
    assertThat(CountingSockets.roundTrips() - before).isEqualTo(count);
    return result;
  }

  /** All rows of a table that one transaction wrote have its number. */
  private void assertOneTransaction(String table) {
    assertThat(database.queryForString("select count(distinct xmin::text) from wfc." + table))
        .as(table)
        .isEqualTo("1");
  }

  private static List<String> numbered(String prefix) {
    return IntStream.range(0, MANY).mapToObj(i -> prefix + i).toList();
  }

  @Test
  void instancesAreCreatedInOneRoundTripAndOneTransaction() {
    List<WorkflowInstance> instances = numbered("w").stream().map(Batches::workflow).toList();

    List<WorkflowInstance> created =
        Batches.values(inRoundTrips(1, () -> provider.createAll(instances)));

    assertOneTransaction("workflows");
    assertOneTransaction("execution_pointers");
    assertThat(provider.getWorkflowInstances(numbered("w"))).isEqualTo(created);
  }

  @Test
  void writesOfEveryKindAreOneRoundTripAndOneTransaction() {
    List<WorkflowInstance> instances = Batches.created(provider, "w", MANY);
    numbered("w")
        .forEach(id -> provider.createEventSubscription(Batches.subscription(id + "-old", "w0")));
    List<WorkflowWrite> writes =
        instances.stream().map(instance -> Batches.everything(instance, instance.id())).toList();

    List<WriteResult> results = Batches.values(inRoundTrips(1, () -> provider.writeAll(writes)));

    for (String table :
        List.of("workflows", "execution_pointers", "events", "scheduled_commands")) {
      assertOneTransaction(table);
    }
    assertOneTransaction("execution_errors");
    assertThat(results).extracting(result -> result.errorIds().size()).containsOnly(1);
    assertThat(results).extracting(result -> result.errorIds().get(0)).doesNotHaveDuplicates();
  }

  @Test
  void oneWriteOfEveryKindIsOneRoundTrip() {
    WorkflowInstance instance = provider.create(Batches.workflow("w"));

    inRoundTrips(1, () -> provider.write(Batches.everything(instance, "w")));
  }

  @Test
  void unguardedWritesAreOneRoundTrip() {
    List<WorkflowWrite> writes =
        Batches.created(provider, "w", MANY).stream()
            .map(
                instance ->
                    Batches.step(
                            instance.toBuilder().revision(null).build(), instance.id() + "-next")
                        .build())
            .toList();

    Batches.values(inRoundTrips(1, () -> provider.writeAll(writes)));

    assertOneTransaction("workflows");
  }

  @Test
  void eventsCommandsAndEndedSubscriptionsAreOneRoundTripEach() {
    List<Event> events =
        numbered("e").stream().map(id -> Event.builder("paid", "1").id(id).build()).toList();
    List<ScheduledCommand> commands =
        numbered("w").stream().map(id -> ScheduledCommand.processWorkflow(id, 1)).toList();
    numbered("s").forEach(id -> provider.createEventSubscription(Batches.subscription(id, "w")));

    Batches.values(inRoundTrips(1, () -> provider.createEvents(events)));
    Batches.values(inRoundTrips(1, () -> provider.scheduleCommands(commands)));
    Batches.values(inRoundTrips(1, () -> provider.scheduleCommands(commands)));
    Batches.values(inRoundTrips(1, () -> provider.terminateSubscriptions(numbered("s"))));

    assertOneTransaction("events");
    assertOneTransaction("scheduled_commands");
    assertThat(database.queryForString("select count(*) from wfc.event_subscriptions"))
        .isEqualTo("0");
  }

  /** The statement, then for the one element its own statement and the query for the reason. */
  @Test
  void oneTakenPointerAmongManyCostsTwoRoundTripsMore() {
    provider.createNewWorkflow(Batches.workflow("thief"));
    List<WorkflowWrite> writes = new ArrayList<>();
    for (WorkflowInstance instance : Batches.created(provider, "w", MANY)) {
      String next = instance.id().equals("w7") ? "thief-0" : instance.id() + "-next";
      writes.add(Batches.step(instance, next).build());
    }

    List<ItemResult<WriteResult>> results =
        new ArrayList<>(inRoundTrips(3, () -> provider.writeAll(writes)));

    assertThat(((ItemResult.Refused<WriteResult>) results.get(7)).reason())
        .isInstanceOf(DuplicateException.class);
    results.remove(7);
    assertThat(results)
        .allSatisfy(result -> assertThat(result).isInstanceOf(ItemResult.Written.class));
    assertThat(provider.getWorkflowInstance("w7").executionPointers())
        .containsExactly(Batches.pointer("w7-0"));
  }

  @Test
  void staleAndMissingElementsCostNoFurtherRoundTrip() {
    List<WorkflowInstance> instances = Batches.created(provider, "w", 3);
    provider.persistWorkflow(instances.get(1));
    List<WorkflowWrite> writes =
        List.of(
            Batches.step(instances.get(0), "a").build(),
            Batches.step(instances.get(1), "b").build(),
            Batches.step(instances.get(2), "c").build(),
            Batches.step(Batches.workflow("missing").toBuilder().name("m").build(), "d").build());

    List<ItemResult<WriteResult>> results = inRoundTrips(1, () -> provider.writeAll(writes));

    assertThat(results)
        .extracting(result -> result.getClass().getSimpleName())
        .containsExactly("Written", "Refused", "Written", "Refused");
  }
}
