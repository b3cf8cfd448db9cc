package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.Event;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.WorkflowWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 6: Events are delivered. */
abstract class Rule06Events extends HostRule {
  private Workflow<Notes> waits(int count) {
    WorkflowBuilder<Notes> builder = define().run("begin", notes -> {});
    for (int i = 0; i < count; i++) {
      builder.await("wait " + i, CALLED, notes -> "key", Notes::and);
    }
    return builder.build();
  }

  private boolean isWaiting(WorkflowState<Notes> state) {
    return !state.waits().isEmpty();
  }

  @Test
  void eventBeforeTheWaitIsDelivered() throws Exception {
    CountDownLatch begun = gate();
    CountDownLatch hold = gate();
    Workflow<Notes> workflow =
        define()
            .run(
                "begin",
                notes -> {
                  begun.countDown();
                  hold.await();
                })
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    begun.await();
    String event = host.publish(CALLED, "key", "early");
    Eventually.until("event is processed", () -> store.getEvent(event).processed());
    hold.countDown();
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("early");
  }

  @Test
  void eventDuringTheWaitIsDelivered() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    host.publish(CALLED, "key", "now");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
  }

  @Test
  void eventOfTheTimeBeforeTheWorkflowIsNotDelivered() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    host.publish(CALLED, "key", "too early");
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    host.publish(CALLED, "key", "now");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
  }

  /** The event is published at the moment at which the host stores the wait. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eventWhileTheWaitIsStoredIsDelivered(boolean isBeforeTheCommit) throws Exception {
    Workflow<Notes> workflow = waits(1);
    AtomicBoolean published = new AtomicBoolean();
    WorkflowClient client = WorkflowClient.over(store);
    Interceptor interceptor = new Interceptor(store);
    interceptor.intercept(
        (operation, call) -> {
          boolean isWait =
              operation.equals("writeAll")
                  && ((List<?>) call.arguments().get(0)).stream().anyMatch(Rule06Events::subscribes)
                  && published.compareAndSet(false, true);
          if (isWait && isBeforeTheCommit) {
            client.publish(CALLED, "key", "now");
          }
          Object result = call.proceed();
          if (isWait && !isBeforeTheCommit) {
            client.publish(CALLED, "key", "now");
          }
          return result;
        });
    started(builder(interceptor.provider(), workflow));
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    assertThat(ended(client, workflow, id).data().notes()).containsExactly("now");
    assertThat(published).isTrue();
  }

  private static boolean subscribes(@Nullable Object write) {
    return write instanceof WorkflowWrite change && !change.subscriptions().isEmpty();
  }

  @Test
  void eachOfTwoInstancesThatWaitGetsTheEvent() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String one = host.startWorkflow(workflow, Notes.NONE).id();
    String two = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, one, this::isWaiting);
    awaitState(workflow, two, this::isWaiting);
    host.publish(CALLED, "key", "now");
    assertThat(ended(host, workflow, one).data().notes()).containsExactly("now");
    assertThat(ended(host, workflow, two).data().notes()).containsExactly("now");
  }

  @Test
  void eventOfAnotherKeyOrTypeIsNotDelivered() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    host.publish(CALLED, "KEY", "another key");
    host.publish(EventType.of("Called", String.class), "key", "another type");
    host.publish(CALLED, "key", "now");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
  }

  @Test
  void deliveryWritesTheInstanceAndEndsTheSubscriptionInOneWrite() throws Exception {
    Workflow<Notes> workflow = waits(1);
    Interceptor interceptor = new Interceptor(store);
    started(builder(interceptor.provider(), workflow));
    WorkflowClient client = WorkflowClient.over(store);
    String id = client.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    List<String> writes = Collections.synchronizedList(new ArrayList<>());
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("writeAll")) {
            ((List<?>) call.arguments().get(0))
                .forEach(write -> writes.add(((WorkflowWrite) write).workflow().id()));
          }
          assertThat(operation).isNotIn("terminateSubscription", "write");
          Object result = call.proceed();
          if (operation.equals("writeAll")) {
            assertThat(store.getSubscriptions(CALLED.name(), "key", Instant.now().plusSeconds(60)))
                .isEmpty();
            assertThat(client.state(workflow, id).data().notes()).containsExactly("now");
          }
          return result;
        });
    client.publish(CALLED, "key", "now");
    ended(client, workflow, id);
    assertThat(writes).containsOnly(id);
  }

  @Test
  void sequentialWaitsGetOneEventEachOldestFirst() throws Exception {
    Workflow<Notes> workflow = waits(3);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    host.publish(CALLED, "key", "1");
    host.publish(CALLED, "key", "2");
    awaitState(workflow, id, state -> state.data().notes().size() == 2 && isWaiting(state));
    host.publish(CALLED, "key", "3");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("1", "2", "3");
  }

  @Test
  void eventOfAnEarlierTimeThatIsCommittedLateIsDelivered() throws Exception {
    Workflow<Notes> workflow = waits(2);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    Instant created = Objects.requireNonNull(store.getLiveWorkflow(id).createTime());
    publish("later", created.plusSeconds(2));
    awaitState(
        workflow, id, state -> state.data().notes().equals(List.of("later")) && isWaiting(state));
    publish("earlier", created.plusSeconds(1));
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("later", "earlier");
  }

  private void publish(String payload, Instant time) {
    store.createEvent(
        Event.builder(CALLED.name(), "key")
            .eventData(JsonNodeFactory.instance.textNode(payload))
            .eventTime(time)
            .build());
    Eventually.until("time of the event", () -> !Instant.now().isBefore(time));
  }

  @Test
  void manyEventsAreConsumedOnceEachByTwoHosts() throws Exception {
    int waits = 30;
    Workflow<Notes> workflow = waits(waits);
    WorkflowHost host = host(workflow);
    host(workflow);
    List<String> ids =
        IntStream.range(0, 5).mapToObj(i -> host.startWorkflow(workflow, Notes.NONE).id()).toList();
    List<String> payloads = IntStream.range(0, waits).mapToObj(String::valueOf).toList();
    payloads.forEach(payload -> host.publish(CALLED, "key", payload));
    for (String id : ids) {
      assertThat(ended(host, workflow, id).data().notes()).isEqualTo(payloads);
    }
  }

  @Test
  void deliveryEndsTheSubscription() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    String event = host.publish(CALLED, "key", "now");
    ended(host, workflow, id);
    assertThat(store.getSubscriptions(CALLED.name(), "key", Instant.now().plusSeconds(60)))
        .isEmpty();
    Eventually.until("event is processed", () -> store.getEvent(event).processed());
  }

  @Test
  void eventIsDeliveredToASuspendedWorkflow() throws Exception {
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    host.suspend(id);
    host.publish(CALLED, "key", "now");
    awaitState(workflow, id, state -> state.data().notes().equals(List.of("now")));
    assertThat(host.state(workflow, id).status()).isEqualTo(WorkflowStatus.SUSPENDED);
    host.resume(id);
    assertThat(ended(host, workflow, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
  }

  @Test
  void eventReachesAWaitBehindManyOfUnknownDefinitions() throws Exception {
    Workflow<Notes> unknown =
        Workflow.define("unknown", 1, Notes.class)
            .await("wait", CALLED, notes -> "key", Notes::and)
            .build();
    WorkflowHost other = host(unknown);
    List<String> ids =
        IntStream.range(0, 120)
            .mapToObj(i -> other.startWorkflow(unknown, Notes.NONE).id())
            .toList();
    for (String id : ids) {
      awaitState(unknown, id, this::isWaiting);
    }
    other.close();
    Workflow<Notes> workflow = waits(1);
    WorkflowHost host = host(workflow);
    String id = host.startWorkflow(workflow, Notes.NONE).id();
    awaitState(workflow, id, this::isWaiting);
    host.publish(CALLED, "key", "now");
    assertThat(ended(host, workflow, id).data().notes()).containsExactly("now");
  }
}
