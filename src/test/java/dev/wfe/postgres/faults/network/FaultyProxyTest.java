package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.postgres.faults.Eventually;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(TestDatabaseExtension.class)
@Timeout(60)
final class FaultyProxyTest {
  private static final String CONNECTION_FAILURE = "08006";

  private final TestDatabase database;
  private final FaultyProxy proxy;
  private Connection connection;

  FaultyProxyTest(TestDatabase database) throws SQLException {
    this.database = database;
    this.proxy = new FaultyProxy(database.url());
    this.connection = DriverManager.getConnection(proxy.url());
  }

  @BeforeEach
  void makeTable() {
    database.execute("create table if not exists t (n int); truncate t");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    proxy.close();
  }

  private void insert(int n) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("insert into t values (?)")) {
      statement.setInt(1, n);
      statement.execute();
    }
  }

  private String stored() {
    return String.valueOf(database.queryForString("select string_agg(n::text, ',') from t"));
  }

  /** Also when the statement is prepared already, and its text travels no more. */
  @Test
  void aTriggerActsOnceOnTheRequestThatRunsTheStatement() throws SQLException {
    String url = proxy.url() + "&prepareThreshold=1";
    connection.close();
    connection = DriverManager.getConnection(url);
    insert(1);
    insert(2);
    Trigger trigger = proxy.beforeAnswer("insert into t values ($1)"::equals, cut -> {});

    try (Statement other = connection.createStatement()) {
      other.execute("select 1");
    }
    assertThat(trigger.hasFired()).isFalse();
    insert(3);
    assertThat(trigger.hasFired()).isTrue();
    assertThat(proxy.take("insert into t values ($1)")).isNull();
    insert(4);
    assertThat(stored()).isEqualTo("1,2,3,4");
  }

  @Test
  void aRequestCutBeforeItsAnswerArrives() {
    proxy.beforeAnswer(sql -> sql.contains("insert"), ProxiedConnection::cut);

    assertThatThrownBy(() -> insert(1))
        .isInstanceOf(SQLException.class)
        .extracting("SQLState")
        .isEqualTo(CONNECTION_FAILURE);
    assertThat(stored()).isEqualTo("1");
  }

  @Test
  void aRequestCutBeforeItIsSentDoesNotArrive() {
    proxy.beforeRequest(sql -> sql.contains("insert"), ProxiedConnection::cut);

    assertThatThrownBy(() -> insert(1))
        .isInstanceOf(SQLException.class)
        .extracting("SQLState")
        .isEqualTo(CONNECTION_FAILURE);
    assertThat(stored()).isEqualTo("null");
  }

  @Test
  void theServerIsSentARequestBeforeItsTriggerActsAndTheClientSeesNoAnswer() throws Exception {
    CompletableFuture<Void> released = new CompletableFuture<>();
    Trigger trigger = proxy.afterRequest(sql -> sql.contains("insert"), held -> released.join());
    CompletableFuture<Void> call = inBackground(1);

    awaitStored("1");
    assertThat(call).isNotDone();
    released.complete(null);
    call.get(30, TimeUnit.SECONDS);
    trigger.awaitFired();
  }

  private CompletableFuture<Void> inBackground(int n) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            insert(n);
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private void awaitStored(String expected) {
    Eventually.isTrue("stored: " + expected, () -> stored().equals(expected));
  }

  static Stream<Consumer<FaultyProxy>> ends() {
    return Stream.of(
        FaultyProxy::cutAll,
        FaultyProxy::endAll,
        proxy -> proxy.halfCloseAll(Direction.TO_CLIENT),
        proxy -> proxy.halfCloseAll(Direction.TO_SERVER));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void endedSessionsFailAndNewConnectionsWork(Consumer<FaultyProxy> end) throws SQLException {
    end.accept(proxy);

    assertThatThrownBy(() -> insert(1)).isInstanceOf(SQLException.class);
    try (Connection other = DriverManager.getConnection(proxy.url())) {
      assertThat(other.isValid(30)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("directions")
  void delayedBytesArriveWhenTheBlackHoleEnds(Direction direction) throws Exception {
    proxy.blackHole(direction);
    CompletableFuture<Void> call = inBackground(1);

    if (direction == Direction.TO_CLIENT) {
      awaitStored("1");
    }
    assertThat(call).isNotDone();
    proxy.heal();
    call.get(30, TimeUnit.SECONDS);
    assertThat(stored()).isEqualTo("1");
  }

  static Stream<Direction> directions() {
    return Stream.of(Direction.values());
  }

  @Test
  void newConnectionsFallIntoTheBlackHoleToo() {
    proxy.blackHole(Direction.TO_CLIENT);

    assertThatThrownBy(() -> DriverManager.getConnection(proxy.url() + "&loginTimeout=1"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("timed out");
  }

  @Test
  void refusedConnectionsAreLetInAgain() throws SQLException {
    proxy.refuseConnections();

    assertThatThrownBy(() -> DriverManager.getConnection(proxy.url()))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("refused");
    insert(1);
    proxy.acceptConnections();
    try (Connection other = DriverManager.getConnection(proxy.url());
        Statement statement = other.createStatement();
        ResultSet rows = statement.executeQuery("select n from t")) {
      assertThat(rows.next()).isTrue();
    }
  }

  /** The bound is the delay itself, which may take longer and not less. */
  @Test
  void aDelayIsWaitedForBothWays() throws SQLException, InterruptedException, ExecutionException {
    proxy.delay(Duration.ofMillis(50));
    long start = System.nanoTime();

    insert(1);

    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(100));
  }
}
