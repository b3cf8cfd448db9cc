package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.faults.Samples;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.postgres.testing.ThreadKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A connection that does not come about, or is not given: every call ends. That it does is held by
 * the minute for which the tests wait, many times what the options allow.
 */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class NoConnectionTest {
  private static final PostgresOptions IMPATIENT =
      PostgresOptions.builder()
          .poolSize(2)
          .connectTimeout(Duration.ofMillis(500))
          .statementTimeout(Duration.ofMillis(200))
          .retryTimeout(Duration.ZERO)
          .build();

  /** Longer than a test takes. */
  private static final Duration NEVER = Duration.ofHours(1);

  private final TestDatabase database;
  private final FaultyProxy proxy;
  private final String id = "w-" + UUID.randomUUID();

  NoConnectionTest(TestDatabase database) {
    this.database = database;
    this.proxy = new FaultyProxy(database.url());
  }

  @AfterEach
  void close() {
    proxy.close();
  }

  private PostgresPersistenceProvider connect(PostgresOptions options) {
    return PostgresPersistenceProvider.connect(proxy.url(), options);
  }

  @Test
  void newConnectionsThatHangEndAsUnavailableAndCallsGoOnWhenTheyWorkAgain() throws Exception {
    try (PostgresPersistenceProvider store = connect(IMPATIENT)) {
      WorkflowInstance stored = Samples.stored(store, id);
      proxy.blackHole(Direction.TO_CLIENT);
      proxy.cutAll();
      // those that were there end first, each with a call
      List<StoreException> failures = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        failures.add(
            Background.of(() -> store.getWorkflowInstance(id))
                .failure(StoreUnavailableException.class));
      }

      assertThat(failures.get(2)).hasMessageContaining("no connection to PostgreSQL");
      proxy.heal();
      Eventually.isTrue(
          "it goes on",
          () -> {
            try {
              return store.getWorkflowInstance(id).equals(stored);
            } catch (StoreUnavailableException stillBroken) {
              return false;
            }
          });
    }
  }

  @Test
  void aServerThatNeverAnswersTheStartUpIsUnavailable() throws Exception {
    try (SilentServer server = SilentServer.connecting()) {
      Background.of(() -> PostgresPersistenceProvider.connect(server.url(), IMPATIENT))
          .failure(StoreUnavailableException.class);
    }
  }

  @Test
  void aServerThatNeverLetsAnybodyConnectIsUnavailable() throws Exception {
    try (SilentServer server = SilentServer.dropping()) {
      Background.of(() -> PostgresPersistenceProvider.connect(server.url(), IMPATIENT))
          .failure(StoreUnavailableException.class);
    }
  }

  @Test
  void migrationsEndToWhereTheServerNeverAnswers() throws Exception {
    try (PostgresPersistenceProvider store = connect(IMPATIENT)) {
      proxy.blackHole(Direction.TO_CLIENT);

      Background.of(
              () -> {
                store.ensureStoreExists();
                return true;
              })
          .failure(StoreException.class);
    }
  }

  private Connection locked() throws SQLException {
    Connection other = database.dataSource().getConnection();
    other.setAutoCommit(false);
    try (Statement statement = other.createStatement()) {
      statement.execute("select from wfc.workflows where id = '%s' for update".formatted(id));
    }
    return other;
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedThreadWaitsForALockNoLongerAndStaysInterrupted(ThreadKind kind)
      throws Exception {
    try (PostgresPersistenceProvider store =
        connect(IMPATIENT.toBuilder().statementTimeout(NEVER).retryTimeout(NEVER).build())) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      try (Connection other = locked()) {
        Background<?> call = Background.of(kind, () -> store.persistWorkflow(changed));
        database.awaitWaiting("", other);
        call.interrupt();

        call.failure(StoreException.class);

        assertThat(call.endedInterrupted()).isTrue();
        other.rollback();
      }
      assertThat(Samples.persistedAgain(store, changed)).isEqualTo(changed);
    }
  }

  @Test
  void aCallThatGetsNoConnectionIsUnavailableAndTheOthersGoOn() throws Exception {
    PostgresOptions single = IMPATIENT.toBuilder().poolSize(1).statementTimeout(NEVER).build();
    try (PostgresPersistenceProvider store = connect(single)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      try (Connection other = locked()) {
        Background<WorkflowInstance> first = Background.of(() -> store.persistWorkflow(changed));
        database.awaitWaiting("", other);

        assertThatThrownBy(() -> store.nextDefinitionSequence("exhausted"))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("no connection to PostgreSQL");

        other.rollback();
        assertThat(first.value()).isEqualTo(changed);
      }
      assertThat(store.nextDefinitionSequence("exhausted")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedThreadWaitsForAConnectionNoLongerAndStaysInterrupted(ThreadKind kind)
      throws Exception {
    PostgresOptions patient =
        IMPATIENT.toBuilder().poolSize(1).statementTimeout(NEVER).connectTimeout(NEVER).build();
    try (PostgresPersistenceProvider store = connect(patient)) {
      WorkflowInstance changed = Samples.changed(Samples.stored(store, id));
      try (Connection other = locked()) {
        Background<WorkflowInstance> first = Background.of(() -> store.persistWorkflow(changed));
        database.awaitWaiting("", other);
        Background<?> second = Background.of(kind, () -> store.nextDefinitionSequence("never"));
        second.interrupt();

        second.failure(StoreUnavailableException.class);

        assertThat(second.endedInterrupted()).isTrue();
        other.rollback();
        assertThat(first.value()).isEqualTo(changed);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyThreadsShareFewConnections(ThreadKind kind) throws Exception {
    try (PostgresPersistenceProvider store =
        connect(IMPATIENT.toBuilder().connectTimeout(Duration.ofMinutes(1)).build())) {
      List<Background<Long>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        calls.add(Background.of(kind, () -> store.nextDefinitionSequence(id)));
      }
      for (Background<Long> call : calls) {
        call.value();
      }
      assertThat(store.nextDefinitionSequence(id)).isEqualTo(201);
    }
  }
}
