package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each operation sends one statement, whatever it reads or writes. */
class StatementCountTest {
  private static final int MANY = 20;

  private final AtomicInteger sent = new AtomicInteger();
  private TestDatabase database;
  private PostgresPersistenceProvider provider;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    DataSource counting =
        ProxyDataSourceBuilder.create(database.dataSource())
            .afterQuery((execution, queries) -> sent.addAndGet(queries.size()))
            .build();
    provider =
        PostgresPersistenceProvider.over(
            counting, PostgresOptions.builder().wakeUps(false).build());
  }

  @AfterEach
  void close() {
    provider.close();
    database.close();
  }

  private <T> T once(Supplier<T> operation) {
    sent.set(0);
    T result = operation.get();
    assertThat(sent).hasValue(1);
    return result;
  }

  private void once(Runnable operation) {
    once(
        () -> {
          operation.run();
          return true;
        });
  }

  private static WorkflowInstance instanceWithManyPointers() {
    List<ExecutionPointer> pointers =
        IntStream.range(0, MANY).mapToObj(i -> ExecutionPointer.builder(i).build()).toList();
    return WorkflowInstance.builder("definition", 1).executionPointers(pointers).build();
  }

  @Test
  void ofWorkflows() {
    WorkflowInstance instance = instanceWithManyPointers();
    String id = once(() -> provider.createNewWorkflow(instance));
    WorkflowInstance read = once(() -> provider.getWorkflowInstance(id));
    once(() -> provider.getWorkflowInstanceByName(id));
    List<ExecutionPointer> reversed = new ArrayList<>(read.executionPointers());
    Collections.reverse(reversed);
    once(
        () ->
            provider.persistWorkflow(
                read.toBuilder().executionPointers(reversed.subList(0, 10)).build()));
    List<String> ids =
        IntStream.range(0, MANY)
            .mapToObj(i -> provider.createNewWorkflow(instanceWithManyPointers()))
            .toList();
    assertThat(once(() -> provider.getWorkflowInstances(ids))).hasSize(MANY);
    once(() -> provider.getRunnableInstances(Instant.now()));
    once(() -> provider.nextDefinitionSequence("definition"));
  }

  @Test
  void ofEventsSubscriptionsAndErrors() {
    Instant time = Instant.now();
    once(() -> provider.createEvent(Event.builder("e", "k").id("event").build()));
    once(() -> provider.getEvent("event"));
    once(() -> provider.getRunnableEvents(time));
    once(() -> provider.getEvents("e", "k", time));
    once(() -> provider.markEventUnprocessed("event"));
    String id =
        provider.createEventSubscription(
            EventSubscription.builder("w", "p", "e", "k").subscribeAsOf(Instant.EPOCH).build());
    once(() -> provider.getSubscription(id));
    once(() -> provider.getSubscriptions("e", "k", time));
    once(() -> provider.getFirstOpenSubscription("e", "k", time));
    once(() -> provider.setSubscriptionToken(id, "token", "worker", Duration.ofDays(1)));
    once(() -> provider.setSubscriptionToken(id, "token", "worker", time));
    once(() -> provider.clearSubscriptionToken(id, "token"));
    once(() -> provider.terminateSubscription(id));
    once(
        () ->
            provider.persistErrors(
                Collections.nCopies(MANY, ExecutionError.now("w", "p", "message"))));
  }

  @Test
  void ofCommands() {
    once(() -> provider.scheduleCommand(ScheduledCommand.processWorkflow("w", 0)));

    sent.set(0);
    assertThat(provider.processCommands(Instant.now(), due -> {}).handled()).isOne();
    assertThat(sent).as("it claims the command; then it deletes it and ends the lease").hasValue(2);

    once(() -> provider.processCommands(Instant.now(), due -> {}));
  }
}
