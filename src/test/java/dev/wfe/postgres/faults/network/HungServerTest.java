package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.postgres.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Server or network hang while calls are under way: every call ends. That it does is held by the
 * minute for which the tests wait, many times what the options allow. The calls hang all at once,
 * because each takes some seconds; each test looks at what became of one.
 */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
final class HungServerTest {
  private static final PostgresOptions IMPATIENT =
      PostgresOptions.builder()
          .poolSize(2)
          .statementTimeout(Duration.ofMillis(200))
          .retryTimeout(Duration.ZERO)
          .build();

  /** Longer than a test takes. */
  private static final Duration NEVER = Duration.ofHours(1);

  private final TestDatabase database;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<Direction, Swallowed> swallowed = new EnumMap<>(Direction.class);
  private final Hanging once;
  private final Background<WorkflowInstance> readAgain;
  private final Hanging interrupted;
  private final Background<WorkflowInstance> endless;

  HungServerTest(TestDatabase database) throws InterruptedException {
    this.database = database;
    for (Direction direction : Direction.values()) {
      swallowed.put(direction, new Swallowed(direction));
    }
    once = new Hanging("once", IMPATIENT.toBuilder().retryTimeout(Duration.ofMinutes(1)).build());
    interrupted =
        new Hanging(
            "interrupted",
            IMPATIENT.toBuilder().statementTimeout(NEVER).retryTimeout(NEVER).build());
    swallowed.values().forEach(Swallowed::call);
    once.hangAtNext(Direction.TO_CLIENT);
    readAgain = once.read();
    endless = interruptedCall(ThreadKind.PLATFORM, interrupted.changed);
  }

  private Background<WorkflowInstance> interruptedCall(ThreadKind kind, WorkflowInstance value)
      throws InterruptedException {
    Trigger hang = interrupted.hangAtNext(Direction.TO_CLIENT);
    Background<WorkflowInstance> call =
        Background.of(kind, () -> interrupted.store.persistWorkflow(value));
    hang.awaitFired();
    call.interrupt();
    return call;
  }

  /** A provider behind a proxy, with a workflow and its next value. */
  private class Hanging {
    final FaultyProxy proxy = new FaultyProxy(database.url());
    final PostgresPersistenceProvider store;
    final WorkflowInstance stored;
    final WorkflowInstance changed;

    Hanging(String id, PostgresOptions options) {
      opened.add(proxy);
      store = PostgresPersistenceProvider.connect(proxy.url(), options);
      opened.add(store);
      stored = Samples.stored(store, id);
      changed = Samples.changed(stored);
    }

    /** The connection of the next request passes on nothing any more. */
    final Trigger hangAtNext(Direction direction) {
      return proxy.beforeRequest(
          sql -> sql.contains("\"wfc\"."), connection -> connection.blackHole(direction));
    }

    final Background<WorkflowInstance> read() {
      return Background.of(() -> store.getWorkflowInstance(stored.id()));
    }
  }

  /** A read and a write that are swallowed in one direction. */
  private final class Swallowed extends Hanging {
    private final Direction direction;
    private final List<Background<WorkflowInstance>> calls = new ArrayList<>();

    Swallowed(Direction direction) {
      super(direction.name(), IMPATIENT);
      this.direction = direction;
    }

    void call() {
      hangAtNext(direction);
      calls.add(read());
      hangAtNext(direction);
      calls.add(Background.of(() -> store.persistWorkflow(changed)));
    }

    <X extends StoreException> X read(Class<X> type) throws Exception {
      return calls.get(0).failure(type);
    }

    <X extends StoreException> X write(Class<X> type) throws Exception {
      return calls.get(1).failure(type);
    }
  }

  @AfterAll
  void close() throws Exception {
    for (AutoCloseable resource : opened) {
      resource.close();
    }
  }

  private Swallowed swallowed(Direction direction) {
    return Objects.requireNonNull(swallowed.get(direction));
  }

  @ParameterizedTest
  @EnumSource
  void aReadThatTheNetworkSwallowsEndsAsUnavailable(Direction direction) throws Exception {
    StoreException failure = swallowed(direction).read(StoreUnavailableException.class);

    assertThat(failure.ids()).containsExactly(direction.name());
    assertThat(failure).hasMessageContaining("the connection broke");
  }

  /** What never arrived may arrive late: who persists again is written or stale, and knows. */
  @ParameterizedTest
  @EnumSource
  void aWriteThatTheNetworkSwallowsEndsAsUnknownAndIsAskedForWhenItWorksAgain(Direction direction)
      throws Exception {
    Swallowed behind = swallowed(direction);
    assertThat(behind.write(UnknownOutcomeException.class).ids()).containsExactly(direction.name());

    behind.proxy.heal();

    assertThat(Samples.persistedAgain(behind.store, behind.changed)).isEqualTo(behind.changed);
    assertThat(behind.store.findPersisted(behind.changed)).contains(behind.changed);
  }

  /** The first try hangs until its connection is given up; new ones work. */
  @Test
  void aReadThatTheNetworkSwallowsOnceIsMadeAgain() throws Exception {
    assertThat(readAgain.value()).isEqualTo(once.stored);
  }

  @Test
  void anInterruptedThreadWaitsForAHungNetworkNoLongerAndStaysInterrupted() throws Exception {
    assertEndedByInterruption(endless, interrupted.changed);
  }

  @Test
  void anInterruptedVirtualThreadWaitsForAHungNetworkNoLongerAndStaysInterrupted()
      throws Exception {
    ThreadKind.VIRTUAL.assumeThere();
    WorkflowInstance changed =
        Samples.changed(Samples.stored(interrupted.store, "interrupted and virtual"));
    assertEndedByInterruption(interruptedCall(ThreadKind.VIRTUAL, changed), changed);
  }

  private void assertEndedByInterruption(
      Background<WorkflowInstance> call, WorkflowInstance changed) throws Exception {
    call.failure(UnknownOutcomeException.class);
    assertThat(call.endedInterrupted()).isTrue();
    assertThat(Samples.persistedAgain(interrupted.store, changed)).isEqualTo(changed);
  }
}
