package dev.wfe.postgres.leases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only PostgreSQL can be asked: the database's clock, stored sizes, rows of others. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LeasesTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");
  private static final DefinitionVersion ORDER = new DefinitionVersion("order", 1);

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  LeasesTest(TestDatabase database) {
    this.database = database;
    provider = PostgresPersistenceProvider.connect(database.url());
  }

  @AfterEach
  void empty() {
    database.emptyStore("wfc");
  }

  @AfterAll
  void close() {
    provider.close();
  }

  private static WorkflowInstance.Builder order(String id, long due) {
    return WorkflowInstance.builder(ORDER.definitionId(), ORDER.version())
        .id(id)
        .nextExecution(due)
        .executionPointers(List.of(ExecutionPointer.builder(0).id(id + "-0").build()));
  }

  private void create(String id, long due) {
    provider.createNewWorkflow(order(id, due).build());
  }

  private static ClaimRequest request(int limit, Duration lease) {
    return new ClaimRequest("host", List.of(ORDER), limit, Long.MAX_VALUE, lease);
  }

  private List<String> claimed(ClaimRequest request) {
    return ids(provider.claimWorkflows(request));
  }

  private static List<String> ids(ClaimedWorkflows claimed) {
    return claimed.workflows().stream().map(one -> one.workflow().id()).toList();
  }

  private void expire() {
    database.execute("update wfc.workflow_leases set expires_at = clock_timestamp()");
    database.execute("update wfc.event_leases set expires_at = clock_timestamp()");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1_000})
  void claimTakesNoMoreThanTheLimitEarliestFirst(int limit) {
    for (int i = 4; i >= 0; i--) {
      create("w" + i, i / 2);
    }

    assertThat(claimed(request(limit, HOUR)))
        .containsExactlyElementsOf(
            List.of("w0", "w1", "w2", "w3", "w4").subList(0, Math.min(limit, 5)));
    assertThat(database.queryForString("select count(*) from wfc.workflow_leases"))
        .isEqualTo(Integer.toString(Math.min(limit, 5)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1_000})
  void claimOfSeveralDefinitionsIsInTheOrderOfAllDueTimes(int limit) {
    List<DefinitionVersion> known = new ArrayList<>();
    for (int definition = 0; definition < 3; definition++) {
      known.add(new DefinitionVersion("d" + definition, definition));
      for (int i = 0; i < 3; i++) {
        provider.createNewWorkflow(
            WorkflowInstance.builder("d" + definition, definition)
                .id("w" + (i * 3 + definition))
                .nextExecution(i * 3L + definition)
                .build());
      }
    }
    provider.createNewWorkflow(
        WorkflowInstance.builder("d0", 9).id("of another version").nextExecution(0L).build());
    known.addAll(List.copyOf(known));

    assertThat(claimed(new ClaimRequest("host", known, limit, Long.MAX_VALUE, HOUR)))
        .containsExactlyElementsOf(
            IntStream.range(0, Math.min(limit, 9)).mapToObj(i -> "w" + i).toList());
  }

  @Test
  void leaseExpiresByTheClockOfTheDatabase() {
    create("w", 0);
    assertThat(claimed(request(1, HOUR))).containsExactly("w");
    assertThat(
            database.queryForString(
                "select expires_at - clock_timestamp() between interval '59 min' and interval '60"
                    + " min' from wfc.workflow_leases"))
        .isEqualTo("t");
    assertThat(claimed(request(1, HOUR))).isEmpty();

    expire();

    ClaimedWorkflow again = provider.claimWorkflows(request(1, HOUR)).workflows().get(0);
    assertThat(again.attempt()).isEqualTo(2);
  }

  @Test
  void claimIsDueByTheClockOfTheDatabase() {
    create("due", 0);
    create("later", 0);
    database.execute(
        """
        update wfc.workflows set next_execution = floor(extract(epoch from clock_timestamp()) * 1000)
          + case id when 'later' then 3600000 else 0 end
        """);

    assertThat(claimed(request(9, HOUR))).containsExactly("due");
    assertThat(provider.claimWorkflows(request(9, HOUR)).untilNextDue())
        .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(60));
  }

  @Test
  void untilNextDueIsAbsentWithoutScheduledAndLeasedWorkflows() {
    provider.createNewWorkflow(order("unscheduled", 0).nextExecution(null).build());
    provider.createNewWorkflow(
        WorkflowInstance.builder("other", 1).nextExecution(Long.MAX_VALUE).build());

    assertThat(provider.claimWorkflows(request(9, HOUR)).untilNextDue()).isNull();
    create("w", 0);
    assertThat(provider.claimWorkflows(request(9, HOUR)).untilNextDue()).isNull();
    assertThat(provider.claimWorkflows(request(9, HOUR)).untilNextDue())
        .isBetween(HOUR.dividedBy(2), HOUR.plusMillis(1));
  }

  @Test
  void untilNextDueOfTheGreatestTimeIsExact() {
    create("w", Long.MAX_VALUE);

    assertThat(provider.claimWorkflows(request(9, HOUR)).untilNextDue())
        .isGreaterThan(Duration.ofDays(100_000_000_000L));
  }

  @Test
  void claimedWorkflowCarriesItsRevisionAndTheLeaseDoesNotChangeIt() {
    create("w", 0);
    LiveWorkflow before = provider.getLiveWorkflow("w");

    ClaimedWorkflow claimed = provider.claimWorkflows(request(1, HOUR)).workflows().get(0);

    assertThat(claimed.workflow()).isEqualTo(before);
    assertThat(claimed.workflow().revision()).hasToString(String.valueOf(before.revision()));
    assertThat(provider.getLiveWorkflow("w").revision())
        .hasToString(String.valueOf(before.revision()));
    assertThat(claimed.claim().owner()).isEqualTo("host");
  }

  @Test
  void bytesThatCountAreThoseThatAreStored() {
    Random random = new Random(1);
    for (int i = 0; i < 4; i++) {
      StringBuilder incompressible = new StringBuilder();
      random.ints(1_500, 'a', 'z').forEach(letter -> incompressible.append((char) letter));
      provider.createNewWorkflow(
          order("w" + i, i).data(TextNode.valueOf(incompressible.toString())).build());
      provider.createNewWorkflow(
          order("x" + i, i).data(TextNode.valueOf("x".repeat(9_000))).build());
    }
    ClaimRequest request = new ClaimRequest("host", List.of(ORDER), 9, 3_000, HOUR);

    assertThat(claimed(request)).containsExactly("w0", "x0", "w1");
    assertThat(claimed(request)).containsExactly("x1", "w2", "x2", "w3");
    assertThat(claimed(request)).containsExactly("x3");
  }

  @Test
  void oneWorkflowIsClaimedHoweverLargeItIs() {
    create("w0", 0);
    create("w1", 1);

    assertThat(claimed(new ClaimRequest("host", List.of(ORDER), 9, 1, HOUR))).containsExactly("w0");
  }

  @Test
  void runnableInstancesLeaveOutLeasedOnes() {
    create("w0", 0);
    create("w1", 1);
    create("w2", 2);
    Position start = new Position(Instant.EPOCH.minusMillis(1), "");
    assertThat(claimed(request(2, HOUR))).containsExactly("w0", "w1");

    assertThat(provider.getRunnableInstances(LATER)).containsExactly("w2");
    assertThat(provider.getRunnableInstances(LATER, 1)).containsExactly("w2");
    assertThat(provider.getRunnableInstances(LATER, 1, start).ids()).containsExactly("w2");

    expire();

    assertThat(provider.getRunnableInstances(LATER)).containsExactly("w0", "w1", "w2");
  }

  @Test
  void unreadableWorkflowStaysLeasedAndHidesNoOther() {
    create("w0", 0);
    create("w1", 1);
    create("w2", 2);
    database.execute(
        """
        update wfc.execution_pointers set scope = '7' where workflow_id = 'w0';
        update wfc.execution_pointers set status = 'Odd' where workflow_id = 'w1';
        """);

    assertThat(claimed(request(9, HOUR))).containsExactly("w2");
    assertThat(claimed(request(9, HOUR))).isEmpty();
    assertThat(database.queryForString("select count(*) from wfc.workflow_leases")).isEqualTo("3");
  }

  @Test
  void eventsAreClaimedOldestFirstAndSkippedWhileLeased() {
    for (int i = 2; i >= 0; i--) {
      provider.createEvent(
          Event.builder("paid", "1").id("e" + i).eventTime(Instant.ofEpochSecond(i)).build());
    }
    provider.createEvent(Event.builder("paid", "1").id("processed").processed(true).build());
    provider.createEvent(Event.builder("paid", "1").id("later").eventTime(LATER).build());
    database.execute(
        "insert into wfc.events (id, event_name, event_key, event_time)"
            + " values ('unreadable', 'paid', '1', '-infinity')");

    assertThat(eventIds(provider.claimEvents(new ClaimRequest("host", List.of(), 3, 1_000, HOUR))))
        .containsExactly("e0", "e1");
    assertThat(eventIds(provider.claimEvents(new ClaimRequest("other", List.of(), 3, 1_000, HOUR))))
        .containsExactly("e2");
    assertThat(provider.claimEvents(new ClaimRequest("other", List.of(), 3, 1_000, HOUR)))
        .isEmpty();

    expire();

    assertThat(eventIds(provider.claimEvents(new ClaimRequest("other", List.of(), 9, 1_000, HOUR))))
        .containsExactly("e0", "e1", "e2");
  }

  private static List<String> eventIds(List<ClaimedEvent> claimed) {
    return claimed.stream().map(one -> one.event().id()).toList();
  }

  @Test
  void renewingAndReleasingAffectOnlyWhatTheClaimsOwn() {
    create("w0", 0);
    create("w1", 1);
    provider.createEvent(Event.builder("paid", "1").id("w0").build());
    List<Claim> claims =
        new ArrayList<>(
            provider.claimWorkflows(request(2, HOUR)).workflows().stream()
                .map(ClaimedWorkflow::claim)
                .toList());
    claims.add(
        provider.claimEvents(new ClaimRequest("host", List.of(), 1, 1_000, HOUR)).get(0).claim());
    Claim first = claims.get(0);
    List<Claim> foreign =
        List.of(
            new Claim(Subject.WORKFLOW, first.id(), "other", first.epoch()),
            new Claim(Subject.WORKFLOW, first.id(), first.owner(), first.epoch() + 1),
            new Claim(Subject.EVENT, first.id(), first.owner(), first.epoch()),
            new Claim(Subject.WORKFLOW, "absent", first.owner(), first.epoch()));

    provider.release(foreign);
    assertThat(provider.renew(foreign, HOUR)).isEmpty();
    assertThat(provider.renew(claims, Duration.ofHours(2))).isEqualTo(Set.copyOf(claims));
    assertThat(
            database.queryForString(
                """
                select count(*) from (
                  select expires_at from wfc.workflow_leases
                  union all select expires_at from wfc.event_leases) l
                where expires_at > clock_timestamp() + interval '119 min'
                """))
        .isEqualTo("3");

    provider.release(claims);
    assertThat(provider.renew(claims, HOUR)).isEmpty();
    assertThat(provider.getRunnableInstances(LATER)).containsExactly("w0", "w1");
    assertThat(provider.claimEvents(new ClaimRequest("other", List.of(), 1, 1_000, HOUR)))
        .hasSize(1);
  }

  @Test
  void expiredLeaseIsRenewedUnlessItWasTakenOver() {
    create("w0", 0);
    create("w1", 1);
    List<Claim> claims =
        provider.claimWorkflows(request(2, HOUR)).workflows().stream()
            .map(ClaimedWorkflow::claim)
            .toList();
    expire();
    assertThat(claimed(request(1, HOUR))).containsExactly("w0");

    assertThat(provider.renew(claims, SHORTEST)).containsExactly(claims.get(1));
    provider.release(claims);
    assertThat(claimed(request(9, HOUR))).containsExactly("w1");
  }
}
