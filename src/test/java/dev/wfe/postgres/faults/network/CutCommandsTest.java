package dev.wfe.postgres.faults.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** The connection is cut while commands are claimed and settled: none is lost. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class CutCommandsTest {
  private final TestDatabase database;
  private final FaultyProxy proxy;
  private final PostgresPersistenceProvider store;
  private final List<String> handled = new ArrayList<>();

  CutCommandsTest(TestDatabase database) {
    this.database = database;
    this.proxy = new FaultyProxy(database.url());
    this.store =
        PostgresPersistenceProvider.connect(
            proxy.url(),
            PostgresOptions.builder()
                .poolSize(1)
                .connectTimeout(Duration.ofMillis(500))
                .retryTimeout(Duration.ZERO)
                .build());
  }

  @AfterAll
  void close() {
    store.close();
    proxy.close();
  }

  @BeforeEach
  void schedule() {
    handled.clear();
    store.truncateAll();
    store.scheduleCommand(ScheduledCommand.processEvent("e", 1));
  }

  private void process() {
    store.processCommands(Instant.ofEpochMilli(2), command -> handled.add(command.data()));
  }

  private UnknownOutcomeException processInVain() {
    StoreException failure = catchThrowableOfType(StoreException.class, this::process);
    assertThat(failure).isInstanceOf(UnknownOutcomeException.class);
    assertThat(failure.retryable()).isTrue();
    return (UnknownOutcomeException) failure;
  }

  /** The first one claims, the second one settles. */
  private static Predicate<String> request(int number) {
    AtomicInteger count = new AtomicInteger();
    return sql ->
        sql.contains("insert into \"wfc\".\"command_claims\"") && count.incrementAndGet() == number;
  }

  private void endLeases() {
    database.execute("update wfc.command_claims set claimed_until = now() - interval '1 s'");
  }

  private String left() {
    return String.valueOf(database.queryForString("select count(*) from wfc.scheduled_commands"));
  }

  @Test
  void aLostClaimIsHandledWhenTheLeaseHasEnded() {
    proxy.beforeAnswer(request(1), ProxiedConnection::cut);

    processInVain();

    assertThat(handled).isEmpty();
    process();
    assertThat(handled).as("claimed by nobody knows whom").isEmpty();
    endLeases();
    process();
    assertThat(handled).containsExactly("e");
    assertThat(left()).isEqualTo("0");
  }

  @Test
  void aSettledCommandIsNotHandledAgain() {
    proxy.beforeAnswer(request(2), ProxiedConnection::cut);

    processInVain();

    assertThat(left()).isEqualTo("0");
    process();
    assertThat(handled).containsExactly("e");
  }

  @Test
  void aCommandHandledButNotSettledIsHandledAgain() {
    proxy.beforeRequest(request(2), ProxiedConnection::cut);

    processInVain();

    assertThat(handled).containsExactly("e");
    assertThat(left()).isEqualTo("1");
    endLeases();
    process();
    assertThat(handled).containsExactly("e", "e");
    assertThat(left()).isEqualTo("0");
  }

  /** That the lease cannot be given back either does not hide what is unknown. */
  @Test
  void anUnknownOutcomeStaysOneWhenTheServerIsGone() {
    proxy.beforeAnswer(
        request(2),
        connection -> {
          proxy.refuseConnections();
          proxy.cutAll();
        });

    try {
      processInVain();
    } finally {
      proxy.acceptConnections();
    }
    assertThat(left()).isEqualTo("0");
  }
}
