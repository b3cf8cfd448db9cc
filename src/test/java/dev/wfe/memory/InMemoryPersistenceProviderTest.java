package dev.wfe.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the in-memory provider has beyond the contract: its clock, and what tests ask of it. */
final class InMemoryPersistenceProviderTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00.123456789Z");
  private static final Instant STAMP = Instant.parse("2026-01-01T00:00:00.123456Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Instant now = START;
  private final InMemoryPersistenceProvider provider = new InMemoryPersistenceProvider(() -> now);

  private static EventSubscription subscription() {
    return EventSubscription.builder("w", "p", "event", "key").subscribeAsOf(START).build();
  }

  private List<EventSubscription> open() {
    return provider.getSubscriptions("event", "key", Instant.MAX);
  }

  @Test
  void theClockStampsAbsentTimes() {
    String workflow = provider.createNewWorkflow(WorkflowInstance.builder("order", 1).build());
    String event =
        provider.createEvent(Event.builder("event", "key").eventData(NullNode.instance).build());

    assertThat(provider.getWorkflowInstance(workflow).createTime()).isEqualTo(STAMP);
    assertThat(provider.getEvent(event).eventTime()).isEqualTo(STAMP);
  }

  @Test
  void aTokenSetForADurationExpiresByTheClock() {
    String id = provider.createEventSubscription(subscription());
    provider.setSubscriptionToken(id, "token", "worker", MINUTE);

    assertThat(provider.getSubscription(id).externalTokenExpiry()).isEqualTo(STAMP.plus(MINUTE));
    now = START.plus(MINUTE).minusNanos(1_000);
    assertThat(open()).isEmpty();
    now = START.plus(MINUTE);
    assertThat(open()).hasSize(1);
  }

  @Test
  void aTokenSetUntilAnInstantExpiresByTheClock() {
    String id = provider.createEventSubscription(subscription());
    provider.setSubscriptionToken(id, "token", "worker", STAMP.plus(MINUTE));

    assertThat(open()).isEmpty();
    now = START.plus(MINUTE);
    assertThat(open()).hasSize(1);
  }

  @Test
  void aRenewedTokenExpiresByTheClock() {
    String id = provider.createEventSubscription(subscription());
    provider.setSubscriptionToken(id, "token", "worker", MINUTE);
    now = START.plusSeconds(30);

    assertThat(provider.renewSubscriptionToken(id, "token", MINUTE)).isTrue();

    assertThat(provider.getSubscription(id).externalTokenExpiry()).isEqualTo(STAMP.plusSeconds(90));
  }

  @Test
  void aClockMayBeFixedOrBeTheSystems() {
    PersistenceProvider fixed = new InMemoryPersistenceProvider(Clock.fixed(START, ZoneOffset.UTC));
    PersistenceProvider system = new InMemoryPersistenceProvider();
    WorkflowInstance instance = WorkflowInstance.builder("order", 1).id("order").build();
    fixed.createNewWorkflow(instance);
    Instant before = Instant.now().minusSeconds(1);
    system.createNewWorkflow(instance);

    assertThat(fixed.getWorkflowInstance("order").createTime()).isEqualTo(STAMP);
    assertThat(system.getWorkflowInstance("order").createTime())
        .isBetween(before, Instant.now().plusSeconds(1));
  }

  @Test
  @SuppressWarnings("NullAway")
  void aMissingClockIsRefused() {
    @Nullable InstantSource none = null;

    assertThatThrownBy(() -> new InMemoryPersistenceProvider(none))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("clock");
  }

  @Test
  void truncateAllRemovesEverything() {
    provider.createNewWorkflow(WorkflowInstance.builder("order", 1).id("w").build());
    String event =
        provider.createEvent(Event.builder("event", "key").eventData(NullNode.instance).build());
    provider.createEventSubscription(subscription());
    provider.scheduleCommand(ScheduledCommand.processWorkflow("w", 0));
    provider.persistErrors(List.of(new ExecutionError(START, "w", "p", "failed")));
    provider.nextDefinitionSequence("order");

    provider.truncateAll();

    assertThat(provider.getWorkflowInstances(List.of("w"))).isEmpty();
    assertThatThrownBy(() -> provider.getEvent(event)).isInstanceOf(NotFoundException.class);
    assertThat(open()).isEmpty();
    assertThat(provider.processCommands(Instant.MAX, command -> {}).handled()).isZero();
    assertThat(provider.persistedErrors()).isEmpty();
    assertThat(provider.nextDefinitionSequence("order")).isEqualTo(1);
  }

  @Test
  void aCommandScheduledAfterATruncationOutlivesTheHandlerOfTheRemovedOne() {
    ScheduledCommand command = ScheduledCommand.processWorkflow("w", 0);
    provider.scheduleCommand(command);

    provider.processCommands(
        Instant.MAX,
        claimed -> {
          provider.truncateAll();
          provider.scheduleCommand(command);
        });

    assertThat(provider.processCommands(Instant.MAX, claimed -> {}).handled()).isEqualTo(1);
  }

  @Test
  void persistedErrorsAreListedInTheOrderOfTheirPersisting() {
    ExecutionError first = new ExecutionError(START.plus(MINUTE), "w", "p", "first");
    ExecutionError second = new ExecutionError(START, "w", "p", "second");

    provider.persistErrors(List.of(first));
    provider.persistErrors(List.of(second));

    assertThat(provider.persistedErrors()).containsExactly(first, second);
  }

  @Test
  void otherThreadsMayUseTheProviderWhileAHandlerRuns() throws Exception {
    provider.scheduleCommand(ScheduledCommand.processWorkflow("w", 0));
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      assertThat(
              provider
                  .processCommands(
                      Instant.MAX,
                      command -> {
                        Future<Long> other =
                            threads.submit(() -> provider.nextDefinitionSequence("order"));
                        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(1);
                      })
                  .failures())
          .isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }
}
