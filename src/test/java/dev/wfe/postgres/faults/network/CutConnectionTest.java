package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.WriteCall;
import dev.wfe.postgres.faults.WriteCalls;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The connection is cut at the worst moments of every write. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class CutConnectionTest {
  private final TestDatabase database;
  private final FaultyProxy proxy;
  private final PostgresPersistenceProvider straight;
  private final PostgresPersistenceProvider through;

  CutConnectionTest(TestDatabase database) {
    this.database = database;
    this.proxy = new FaultyProxy(database.url());
    PostgresOptions options = PostgresOptions.builder().poolSize(2).build();
    this.straight = PostgresPersistenceProvider.connect(database.url(), options);
    this.through = PostgresPersistenceProvider.connect(proxy.url(), options);
  }

  @AfterAll
  void close() {
    straight.close();
    through.close();
    proxy.close();
  }

  static Stream<WriteCall> calls() {
    return WriteCalls.all();
  }

  private static boolean isOurs(String sql) {
    return sql.contains("\"wfc\".");
  }

  private static String key() {
    return "k-" + UUID.randomUUID();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aWriteWhoseAnswerIsLostIsUnknownAndSaysTruly(WriteCall write) throws InterruptedException {
    String key = key();
    Consumer<PostgresPersistenceProvider> call = write.preparation().by(straight, key);
    assertThat(write.look(database, key)).isEqualTo(write.before());
    Trigger cut = proxy.beforeAnswer(CutConnectionTest::isOurs, ProxiedConnection::cut);

    UnknownOutcomeException unknown =
        catchThrowableOfType(UnknownOutcomeException.class, () -> call.accept(through));

    cut.awaitFired();
    assertThat(unknown).isNotNull();
    assertThat(unknown.retryable()).isEqualTo(write.retryable());
    assertThat(write.look(database, key)).isEqualTo(write.after());
    assertThat(unknown.ids()).containsExactlyInAnyOrderElementsOf(write.ids(database, key));

    if (write.again() == null) {
      call.accept(through);
    } else {
      assertThatThrownBy(() -> call.accept(through)).isInstanceOf(write.again());
    }
    assertThat(write.look(database, key)).isEqualTo(write.afterAgain());
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aWriteThatNeverArrivedHasChangedNothingAndLandsWhenCalledAgain(WriteCall write)
      throws InterruptedException {
    String key = key();
    Consumer<PostgresPersistenceProvider> call = write.preparation().by(straight, key);
    Trigger cut = proxy.beforeRequest(CutConnectionTest::isOurs, ProxiedConnection::cut);

    assertThatThrownBy(() -> call.accept(through))
        .isInstanceOfAny(UnknownOutcomeException.class, StoreUnavailableException.class);

    cut.awaitFired();
    assertThat(write.look(database, key)).isEqualTo(write.before());
    call.accept(through);
    assertThat(write.look(database, key)).isEqualTo(write.after());
  }

  /** The server may be anywhere in the statement: the cut is a race. */
  @Test
  void aWriteThatIsCutWhileTheServerIsAtItIsThereWhollyOrNotAtAll() {
    WriteCall persist =
        calls()
            .filter(call -> call.name().equals("persistWorkflowWithSubscriptions"))
            .findFirst()
            .orElseThrow();
    for (int round = 0; round < 20; round++) {
      String key = key();
      Consumer<PostgresPersistenceProvider> call = persist.preparation().by(straight, key);
      proxy.afterRequest(CutConnectionTest::isOurs, ProxiedConnection::cut);

      assertThatThrownBy(() -> call.accept(through)).isInstanceOf(UnknownOutcomeException.class);

      StoreException again = catchThrowableOfType(StoreException.class, () -> call.accept(through));
      if (again != null) {
        assertThat(again).isInstanceOf(StaleRevisionException.class);
      }
      assertThat(persist.look(database, key)).isEqualTo(persist.after());
    }
  }

  static Stream<Consumer<ProxiedConnection>> ends() {
    return Stream.of(
        ProxiedConnection::cut,
        ProxiedConnection::end,
        connection -> connection.halfClose(Direction.TO_CLIENT));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void howeverTheConnectionEndsTheOutcomeIsUnknown(Consumer<ProxiedConnection> end) {
    proxy.beforeAnswer(CutConnectionTest::isOurs, end);

    assertThatThrownBy(() -> through.nextDefinitionSequence("ended"))
        .isInstanceOf(UnknownOutcomeException.class)
        .hasMessageContaining("calling again is safe");
  }
}
