package dev.wfe.postgres.leases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.StoreException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many hosts claim, write, renew and release at the same time. No two of them have the same
 * workflow or event, and none waits in a circle. {@code -Dwfe.test.claims.seconds=60} runs it for a
 * minute.
 */
@ExtendWith(TestDatabaseExtension.class)
@Timeout(value = 1, unit = TimeUnit.HOURS)
final class ConcurrentClaimsTest {
  private static final int HOSTS = 8;
  private static final int SECONDS = Integer.getInteger("wfe.test.claims.seconds", 3);
  private static final long SEED = Long.getLong("wfe.test.claims.seed", System.nanoTime());
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("d0", 1), new DefinitionVersion("d1", 1));

  private final TestDatabase database;
  private final Set<String> held = ConcurrentHashMap.newKeySet();
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

  ConcurrentClaimsTest(TestDatabase database) {
    this.database = database;
  }

  private PostgresPersistenceProvider host() {
    return PostgresPersistenceProvider.connect(
        database.url(),
        PostgresOptions.builder().poolSize(HOSTS).retryTimeout(Duration.ZERO).build());
  }

  private static WorkflowInstance workflow(int number) {
    return WorkflowInstance.builder("d" + number % 2, 1)
        .id("w" + number)
        .nextExecution(0L)
        .executionPointers(List.of(ExecutionPointer.builder(0).id("p" + number).build()))
        .build();
  }

  private void count(String what, int number) {
    counts.computeIfAbsent(what, key -> new AtomicInteger()).addAndGet(number);
  }

  private static ClaimRequest request(String owner, int limit, Duration lease) {
    return new ClaimRequest(owner, DEFINITIONS, limit, Long.MAX_VALUE, lease);
  }

  /** Runs the work in the threads of all hosts at the same time. */
  private static void together(Callable<?> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(HOSTS);
    try {
      CyclicBarrier start = new CyclicBarrier(HOSTS);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < HOSTS; i++) {
        running.add(
            threads.submit(
                () -> {
                  start.await(1, TimeUnit.MINUTES);
                  return work.call();
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void eachDueWorkflowAndEventIsClaimedByExactlyOneHost() throws Exception {
    int workflows = 2_000;
    int events = 500;
    try (PostgresPersistenceProvider host = host()) {
      for (int i = 0; i < workflows; i++) {
        host.createNewWorkflow(workflow(i));
      }
      for (int i = 0; i < events; i++) {
        host.createEvent(Event.builder("paid", "1").id("e" + i).build());
      }
      Map<String, Set<Long>> epochs = new ConcurrentHashMap<>();
      AtomicInteger left = new AtomicInteger(workflows + events);

      together(
          () -> {
            String owner = Thread.currentThread().getName();
            while (left.get() > 0) {
              List<Claim> claims = new ArrayList<>();
              host.claimWorkflows(request(owner, 7, HOUR)).workflows().stream()
                  .map(ClaimedWorkflow::claim)
                  .forEach(claims::add);
              host.claimEvents(request(owner, 3, HOUR)).stream()
                  .map(ClaimedEvent::claim)
                  .forEach(claims::add);
              for (Claim claim : claims) {
                epochs
                    .computeIfAbsent(claim.id(), id -> ConcurrentHashMap.newKeySet())
                    .add(claim.epoch());
                left.decrementAndGet();
              }
            }
            return owner;
          });

      assertThat(epochs)
          .hasSize(workflows + events)
          .allSatisfy((id, taken) -> assertThat(taken).as(id).hasSize(1));
    } finally {
      database.execute("truncate wfc.workflow_leases, wfc.event_leases");
    }
  }

  @Test
  void hostsThatClaimWriteRenewAndReleaseNeverWaitInACircle() throws Exception {
    int workflows = 60;
    AtomicInteger threads = new AtomicInteger();
    try (PostgresPersistenceProvider host = host()) {
      host.truncateAll();
      for (int i = 0; i < workflows; i++) {
        host.createNewWorkflow(workflow(i));
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);

      together(
          () -> {
            int number = threads.incrementAndGet();
            Random random = new Random(SEED + number);
            List<Claim> mine = new ArrayList<>();
            while (System.nanoTime() - end < 0) {
              try {
                step(host, "host" + number, mine, random);
              } catch (StoreException | SQLException failure) {
                problems.add(failure.toString());
              }
            }
            return number;
          });
    }
    System.out.println("seed " + SEED + ": " + counts);
    assertThat(problems).as("seed %s", SEED).isEmpty();
    assertThat(counts).containsKeys("claimed", "taken over", "kept", "lost", "released", "renewed");
    assertThat(
            database.queryForString(
                "select deadlocks from pg_stat_database where datname = current_database()"))
        .isEqualTo("0");
  }

  /**
   * Leases of odd hosts expire at once, so that others take them over while they are still being
   * renewed, written and released. Only leases of even hosts are exclusive.
   */
  private void step(PostgresPersistenceProvider host, String owner, List<Claim> mine, Random random)
      throws SQLException {
    boolean longLease = owner.charAt(owner.length() - 1) % 2 == 0;
    Duration lease = longLease ? HOUR : Duration.ofMillis(1);
    Collections.shuffle(mine, random);
    switch (random.nextInt(5)) {
      case 0, 1 -> {
        for (ClaimedWorkflow claimed :
            host.claimWorkflows(request(owner, 1 + random.nextInt(9), lease)).workflows()) {
          String id = claimed.claim().id();
          if (longLease && !held.add(id)) {
            problems.add(id + " has two hosts");
          }
          mine.removeIf(claim -> claim.id().equals(id));
          mine.add(claimed.claim());
          count(claimed.attempt() == 1 ? "claimed" : "taken over", 1);
        }
      }
      case 2 -> {
        Set<Claim> renewed = host.renew(mine, lease);
        if (longLease && renewed.size() < mine.size()) {
          problems.add(owner + " lost a lease");
        }
        count("renewed", renewed.size());
        mine.retainAll(renewed);
      }
      case 3 -> {
        List<Claim> some = new ArrayList<>(mine.subList(0, mine.size() / 2));
        some.forEach(claim -> release(claim, longLease));
        host.release(some);
        mine.removeAll(some);
        count("released", some.size());
      }
      default -> {
        for (Claim claim : List.copyOf(mine.subList(0, Math.min(2, mine.size())))) {
          boolean kept = write(claim);
          count(kept ? "kept" : "lost", 1);
          if (longLease && !kept) {
            problems.add(owner + " lost a lease");
          }
        }
        host.scheduleCommand(ScheduledCommand.processWorkflow("w" + random.nextInt(9), 0));
        host.processCommands(LATER, 2, command -> {});
      }
    }
  }

  private void release(Claim claim, boolean longLease) {
    if (longLease) {
      held.remove(claim.id());
    }
  }

  /** Writes under the claim as the contract says: the workflow's row, then its lease. */
  private boolean write(Claim claim) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement workflow =
            connection.prepareStatement(
                "update wfc.workflows set reference = ?, last_heartbeat_at = clock_timestamp()"
                    + " where id = ?");
        PreparedStatement lease =
            connection.prepareStatement(
                "update wfc.workflow_leases set attempt = 0"
                    + " where workflow_id = ? and owner = ? and epoch = ?")) {
      connection.setAutoCommit(false);
      workflow.setString(1, claim.owner());
      workflow.setString(2, claim.id());
      workflow.executeUpdate();
      lease.setString(1, claim.id());
      lease.setString(2, claim.owner());
      lease.setLong(3, claim.epoch());
      boolean kept = lease.executeUpdate() == 1;
      connection.commit();
      return kept;
    }
  }
}
