package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.internal.sql.CommandSql;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who owns a command while it is handled, and for how long. */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class CommandLeasesTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");
  private static final Instant DUE = Instant.ofEpochMilli(1_000);
  private static final String REWRITTEN_BY_THE_RUST_PROVIDER =
      """
      insert into wfc.scheduled_commands (command_name, data, execute_time)
      values ('ProcessWorkflow', 'w0', 0)
      on conflict (command_name, data) do update set execute_time = excluded.execute_time;
      """;

  private final TestDatabase database;
  private final List<PostgresPersistenceProvider> providers = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  CommandLeasesTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void emptyTables() {
    provider(1).truncateAll();
  }

  @AfterEach
  void closeAll() {
    threads.shutdownNow();
    providers.forEach(PostgresPersistenceProvider::close);
  }

  private PostgresPersistenceProvider provider(int poolSize) {
    PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(
            database.url(), PostgresOptions.builder().poolSize(poolSize).build());
    providers.add(provider);
    return provider;
  }

  private static CommandClaims claims(PostgresPersistenceProvider provider) {
    return new CommandClaims(
        ProviderDatabase.of(provider), new CommandSql(NAMES), Duration.ofMinutes(1));
  }

  private static void schedule(PostgresPersistenceProvider provider, int count) {
    for (int i = 0; i < count; i++) {
      provider.scheduleCommand(ScheduledCommand.processWorkflow("w" + i, i % 7));
    }
  }

  private long rowsOf(String table) {
    return Long.parseLong(
        String.valueOf(database.queryForString("select count(*) from wfc." + table)));
  }

  private void endLeases() {
    database.execute("update wfc.command_claims set claimed_until = now() - interval '1 s'");
  }

  @Test
  void aLeaseIsRenewedWhileTheHandlerRuns() throws Exception {
    Duration lease = Duration.ofSeconds(2);
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 1);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (CommandLeases leases = new CommandLeases(lease)) {
      PostgresCommandRepository slow =
          new PostgresCommandRepository(ProviderDatabase.of(host), new CommandSql(NAMES), leases);
      Future<ProcessedCommands> processed =
          threads.submit(
              () ->
                  slow.processCommands(
                      DUE,
                      command -> {
                        started.countDown();
                        release.await();
                      }));
      started.await();

      PostgresPersistenceProvider other = provider(1);
      long end = System.nanoTime() + lease.multipliedBy(3).toNanos();
      while (System.nanoTime() < end) {
        assertThat(other.processCommands(DUE, command -> {}).handled()).isZero();
      }
      release.countDown();

      assertThat(processed.get().handled()).isOne();
    }
    assertThat(rowsOf("scheduled_commands")).isZero();
    assertThat(rowsOf("command_claims")).isZero();
  }

  @Test
  void aDeadHostsClaimsAreFreeWhenItsLeaseHasEnded() {
    Duration lease = Duration.ofSeconds(2);
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 3);
    CommandClaims dead = new CommandClaims(ProviderDatabase.of(host), new CommandSql(NAMES), lease);
    long before = System.nanoTime();
    assertThat(dead.claim(DUE.toEpochMilli(), 2)).hasSize(2);

    List<String> handled = new ArrayList<>();
    host.processCommands(DUE, command -> handled.add(command.data()));
    assertThat(handled).containsExactly("w2");
    while (handled.size() < 3) {
      host.processCommands(DUE, command -> handled.add(command.data()));
    }

    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(lease.toNanos());
    assertThat(handled).containsExactly("w2", "w0", "w1");
    assertThat(rowsOf("scheduled_commands")).isZero();
    assertThat(rowsOf("command_claims")).isZero();
  }

  @Test
  void aHostThatLostItsLeaseDeletesNothing() {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 1);
    CommandClaims late =
        new CommandClaims(ProviderDatabase.of(host), new CommandSql(NAMES), Duration.ofMillis(1));
    List<ClaimedCommand> claimed = late.claim(DUE.toEpochMilli(), 1);
    CommandClaims next =
        new CommandClaims(ProviderDatabase.of(host), new CommandSql(NAMES), Duration.ofMinutes(1));
    while (next.claim(DUE.toEpochMilli(), 1).isEmpty()) {
      Thread.onSpinWait();
    }

    late.settleAndEnd(claimed, claimed);

    assertThat(rowsOf("scheduled_commands")).isOne();
    assertThat(host.processCommands(DUE, command -> {}).handled()).isZero();
  }

  @Test
  void aCommandRescheduledByTheRustProviderForTheSameTimeIsHandledAgain() {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 1);

    assertThat(
            host.processCommands(DUE, command -> database.execute(REWRITTEN_BY_THE_RUST_PROVIDER))
                .handled())
        .isOne();
    assertThat(rowsOf("scheduled_commands")).isOne();
    assertThat(host.processCommands(DUE, command -> {}).handled()).isOne();
    assertThat(rowsOf("scheduled_commands")).isZero();
  }

  @Test
  void aLeaseThatHasExpiredIsNotRenewed() {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 1);
    CommandClaims claims = claims(host);
    assertThat(claims.claim(DUE.toEpochMilli(), 1)).hasSize(1);
    assertThat(claims.renew()).isTrue();

    endLeases();

    assertThat(claims.renew()).isFalse();
    assertThat(host.processCommands(DUE, command -> {}).handled()).isOne();
  }

  @Test
  void aLeaseThatWasTakenOverIsNeitherRenewedNorSettled() {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 3);
    CommandClaims stopped = claims(host);
    List<ClaimedCommand> ofStopped = stopped.claim(DUE.toEpochMilli(), 3);
    endLeases();
    CommandClaims next = claims(host);
    assertThat(next.claim(DUE.toEpochMilli(), 2)).hasSize(2);

    assertThat(stopped.renew()).isFalse();
    assertThat(stopped.settleAndClaim(ofStopped, ofStopped, DUE.toEpochMilli(), 64)).isEmpty();

    assertThat(database.queryForStrings("select data from wfc.scheduled_commands order by data"))
        .containsExactly("w0", "w1");
    assertThat(rowsOf("command_claims")).isOne();
    assertThat(next.renew()).isTrue();
  }

  /** Whoever locks the lease first decides. */
  @Test
  void aLeaseThatIsBeingRenewedIsNotTakenOver() throws Exception {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 2);
    CommandClaims owner = claims(host);
    assertThat(owner.claim(DUE.toEpochMilli(), 2)).hasSize(2);
    endLeases();
    try (Connection renewing = database.dataSource().getConnection();
        Statement statement = renewing.createStatement()) {
      renewing.setAutoCommit(false);
      statement.execute("update wfc.command_claims set claimed_until = now() + interval '1 hour'");

      assertThat(host.processCommands(DUE, command -> {}).handled()).isZero();
      renewing.commit();
    }

    assertThat(host.processCommands(DUE, command -> {}).handled()).isZero();
    assertThat(owner.renew()).isTrue();
  }

  @Test
  void theFirstLeaseCountsFromBeforeItWasAskedFor() throws Exception {
    Duration lease = Duration.ofMillis(200);
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 1);
    List<String> handled = new ArrayList<>();
    try (CommandLeases leases = new CommandLeases(lease);
        Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      PostgresCommandRepository slow =
          new PostgresCommandRepository(ProviderDatabase.of(host), new CommandSql(NAMES), leases);
      other.setAutoCommit(false);
      statement.execute("lock table wfc.command_claims in exclusive mode");
      Future<ProcessedCommands> processed =
          threads.submit(() -> slow.processCommands(DUE, command -> handled.add(command.data())));
      database.awaitWaiting("with lease", other);
      long end = System.nanoTime() + lease.toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      other.commit();

      assertThat(processed.get().handled()).isZero();
    }

    assertThat(handled).isEmpty();
    assertThat(host.processCommands(DUE, command -> {}).handled()).isOne();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vacuum full wfc.scheduled_commands",
        "cluster wfc.scheduled_commands using scheduled_commands_pkey",
        "vacuum freeze wfc.scheduled_commands"
      })
  void rewritingTheTableWhileACommandIsHandledHandsNothingOutTwice(String rewriting) {
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 20);
    database.execute("delete from wfc.scheduled_commands where data = 'w7'");

    host.processCommands(DUE, command -> database.execute(rewriting));

    assertThat(rowsOf("scheduled_commands")).isZero();
  }

  @Test
  void aRowWrittenTwiceBeforeARewriteIsKept() {
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 1);

    host.processCommands(
        DUE,
        command -> {
          database.execute(REWRITTEN_BY_THE_RUST_PROVIDER + REWRITTEN_BY_THE_RUST_PROVIDER);
          database.execute("vacuum full wfc.scheduled_commands");
        });

    assertThat(host.processCommands(DUE, command -> {}).handled()).isOne();
    assertThat(rowsOf("scheduled_commands")).isZero();
  }
}
