package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
@Timeout(120)
final class CommandClaimsTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");
  private static final Instant DUE = Instant.ofEpochMilli(1_000);

  private final TestDatabase database;
  private final List<PostgresPersistenceProvider> providers = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  CommandClaimsTest(TestDatabase database) {
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

  private static void schedule(PostgresPersistenceProvider provider, int count) {
    for (int i = 0; i < count; i++) {
      provider.scheduleCommand(ScheduledCommand.processWorkflow("w" + i, i % 7));
    }
  }

  private long rowsOf(String table) {
    return Long.parseLong(
        String.valueOf(database.queryForString("select count(*) from wfc." + table)));
  }

  @Test
  void manyThreadsOfSeveralHostsHandleEachCommandOnce() throws Exception {
    int commands = 2_000;
    List<PostgresPersistenceProvider> hosts = List.of(provider(4), provider(4), provider(4));
    schedule(hosts.get(0), commands);
    Map<String, Integer> seen = new ConcurrentHashMap<>();
    CommandHandler handler = command -> seen.merge(command.data(), 1, Integer::sum);

    List<Future<Long>> drains = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      PostgresPersistenceProvider host = hosts.get(i % hosts.size());
      drains.add(threads.submit(() -> drained(host, handler)));
    }
    long handled = 0;
    for (Future<Long> drain : drains) {
      handled += drain.get();
    }

    assertThat(handled).isEqualTo(commands);
    assertThat(seen).hasSize(commands).allSatisfy((data, times) -> assertThat(times).isOne());
    assertThat(rowsOf("scheduled_commands")).isZero();
    assertThat(rowsOf("command_claims")).isZero();
  }

  /** Until nothing is left, neither free nor in another's hands. */
  private long drained(PostgresPersistenceProvider host, CommandHandler handler) {
    long handled = 0;
    while (rowsOf("scheduled_commands") > 0) {
      ProcessedCommands processed = host.processCommands(DUE, handler);
      assertThat(processed.failed()).isZero();
      handled += processed.handled();
    }
    return handled;
  }

  @Test
  void handlersMayCallAProviderWithAPoolOfTwo() throws Exception {
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 200);
    CommandHandler handler =
        command -> {
          String id = host.createEvent(Event.builder("handled", command.data()).build());
          host.markEventProcessed(id);
          host.scheduleCommand(ScheduledCommand.processEvent(command.data(), Long.MAX_VALUE));
        };
    Callable<Long> drain = () -> host.processCommands(DUE, handler).handled();

    long handled = sum(threads.invokeAll(List.of(drain, drain), 60, TimeUnit.SECONDS));

    assertThat(handled).isEqualTo(200);
    assertThat(rowsOf("events")).isEqualTo(200);
    assertThat(rowsOf("scheduled_commands")).isEqualTo(200);
  }

  private static long sum(List<Future<Long>> futures)
      throws InterruptedException, ExecutionException {
    long sum = 0;
    for (Future<Long> future : futures) {
      sum += future.get();
    }
    return sum;
  }

  @Test
  void aCommandRescheduledWhileHandledKeepsTheLaterTime() {
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 1);

    host.processCommands(
        DUE,
        command -> host.scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("w0", 5_000)));

    assertThat(database.queryForString("select execute_time from wfc.scheduled_commands"))
        .isEqualTo("5000");
    assertThat(host.processCommands(DUE, command -> {}).handled()).isZero();
  }

  @Test
  void commandsThatAnotherHostIsClaimingAreSkipped() throws Exception {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 4);
    List<String> handled = new ArrayList<>();
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "select from wfc.scheduled_commands where data in ('w0', 'w1') for no key update");

      host.processCommands(DUE, command -> handled.add(command.data()));
      other.rollback();
    }

    assertThat(handled).containsExactly("w2", "w3");
    assertThat(host.processCommands(DUE, command -> handled.add(command.data())).handled())
        .isEqualTo(2);
    assertThat(rowsOf("command_claims")).isZero();
  }

  @Test
  void aCommandMovedAheadWhileTheCallRunsIsNotHandledTwiceByIt() {
    PostgresPersistenceProvider host = provider(2);
    schedule(host, 20);
    List<String> handled = new ArrayList<>();
    CommandHandler handler =
        command -> {
          handled.add(command.data());
          host.scheduleCommand(ScheduledCommand.processWorkflow(command.data(), 500));
          if (handled.size() % 2 == 0) {
            throw new IllegalStateException("fails after it was moved");
          }
        };

    host.processCommands(DUE, handler);

    assertThat(handled).hasSize(20).doesNotHaveDuplicates();
    assertThat(host.processCommands(DUE, command -> handled.add(command.data())).handled())
        .isEqualTo(20);
    assertThat(rowsOf("scheduled_commands")).isZero();
  }

  @Test
  void settlingAndClaimingInOneStatementDeletesReleasesAndClaims() {
    PostgresPersistenceProvider host = provider(1);
    schedule(host, 6);
    CommandClaims claims =
        new CommandClaims(ProviderDatabase.of(host), new CommandSql(NAMES), Duration.ofMinutes(1));
    List<ClaimedCommand> first = claims.claim(DUE.toEpochMilli(), 3);

    List<ClaimedCommand> next =
        claims.settleAndClaim(first, first.subList(0, 2), DUE.toEpochMilli(), 2);

    assertThat(first).extracting(ClaimedCommand::data).containsExactly("w0", "w1", "w2");
    assertThat(next).extracting(ClaimedCommand::data).containsExactly("w3", "w4");
    assertThat(
            database.queryForStrings(
                "select data || ' ' || (claim_token is null) from wfc.scheduled_commands"
                    + " order by data"))
        .containsExactly("w2 true", "w3 false", "w4 false", "w5 true");
  }

  @Test
  void aHostWaitingForACommandHoldsNoLaterOne() throws Exception {
    PostgresPersistenceProvider host = provider(1);
    for (int time = 6; time > 0; time--) {
      host.scheduleCommand(ScheduledCommand.processWorkflow("w" + time, time));
    }
    CommandClaims claims =
        new CommandClaims(ProviderDatabase.of(host), new CommandSql(NAMES), Duration.ofMinutes(1));
    List<ClaimedCommand> claimed = new ArrayList<>(claims.claim(DUE.toEpochMilli(), 4));
    Collections.reverse(claimed);
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("select from wfc.scheduled_commands where data = 'w2' for no key update");
      Future<List<ClaimedCommand>> next =
          threads.submit(
              () -> claims.settleAndClaim(claimed, claimed.subList(0, 3), DUE.toEpochMilli(), 2));
      database.awaitWaiting("with lease", other);

      assertThat(
              database.queryForStrings(
                  "select data from wfc.scheduled_commands order by data for update skip locked"))
          .containsExactly("w3", "w4", "w5", "w6");
      assertThat(next.isDone()).isFalse();
      other.rollback();

      assertThat(next.get()).extracting(ClaimedCommand::data).containsExactly("w5", "w6");
    }
    assertThat(
            database.queryForStrings(
                "select data || ' ' || (claim_token is null) from wfc.scheduled_commands"
                    + " order by data"))
        .containsExactly("w1 true", "w5 false", "w6 false");
  }

  @Test
  void commandsWithUnknownWordsAreReportedAndNeitherWrittenNorInTheWay() {
    PostgresPersistenceProvider host = provider(1);
    database.execute(
        """
        insert into wfc.scheduled_commands (command_name, data, execute_time)
          select 'Reticulate', 'u' || i, i - 1000 from generate_series(1, 150) i
        """);
    schedule(host, 3);
    String versions = "select string_agg(xmin::text || ctid::text, ' ' order by id) from %s";
    String unknown = versions.formatted("wfc.scheduled_commands where command_name = 'Reticulate'");
    String before = database.queryForString(unknown);
    List<String> handled = new ArrayList<>();

    ProcessedCommands processed = host.processCommands(DUE, command -> handled.add(command.data()));

    assertThat(handled).containsExactly("w0", "w1", "w2");
    assertThat(processed.handled()).isEqualTo(3);
    assertThat(processed.failed()).isEqualTo(ProcessedCommands.MAX_FAILURES);
    assertThat(processed.failures()).hasSize(ProcessedCommands.MAX_FAILURES);
    assertThat(processed.failures().get(0).data()).isEqualTo("u1");
    assertThat(host.processCommands(DUE, command -> {}).failed())
        .isEqualTo(ProcessedCommands.MAX_FAILURES);
    assertThat(host.processCommands(DUE.minusSeconds(2), command -> {}).failed()).isZero();
    assertThat(host.processCommands(Instant.ofEpochMilli(-990), command -> {}).failed())
        .isEqualTo(10);
    assertThat(database.queryForString(unknown)).isEqualTo(before);
    assertThat(rowsOf("command_claims")).isZero();
  }
}
