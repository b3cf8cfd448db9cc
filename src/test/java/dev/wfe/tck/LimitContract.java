package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.LimitUsage;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of definitions, and the order of what is claimed: priorities, and turns. */
public abstract class LimitContract extends LeasingContract {
  private static final int MANY = 40;

  private final DefinitionVersion newer = new DefinitionVersion(definition.definitionId(), 2);

  private static ClaimLimits atATime(int most) {
    return new ClaimLimits(most, null, null);
  }

  private static ClaimLimits perKey(int most) {
    return new ClaimLimits(null, most, null);
  }

  private static ClaimLimits rate(int most, Duration period) {
    return new ClaimLimits(null, null, new ClaimLimits.Rate(most, period));
  }

  private String due(long nextExecution, Priority priority) {
    return provider()
        .createNewWorkflow(instance().nextExecution(nextExecution).priority(priority).build());
  }

  private String due(long nextExecution, @Nullable String key) {
    return provider()
        .createNewWorkflow(instance().nextExecution(nextExecution).limitKey(key).build());
  }

  private String due(DefinitionVersion of, long nextExecution) {
    return provider()
        .createNewWorkflow(
            instance()
                .workflowDefinitionId(of.definitionId())
                .version(of.version())
                .nextExecution(nextExecution)
                .build());
  }

  private ClaimedWorkflows claim(
      PersistenceProvider host, String owner, int limit, Duration lease, ClaimLimits limits) {
    return host.claimWorkflows(
        new ClaimRequest(
            owner,
            List.of(definition, newer),
            limit,
            Long.MAX_VALUE,
            lease,
            Map.of(definition.definitionId(), limits)));
  }

  /** Claims again and again until something is claimed. */
  private List<ClaimedWorkflow> awaitClaim(int limit, Duration lease, ClaimLimits limits) {
    List<ClaimedWorkflow> claimed = new ArrayList<>();
    Together.until(
        () -> {
          claimed.addAll(claim(provider(), "host", limit, lease, limits).workflows());
          return !claimed.isEmpty();
        });
    return claimed;
  }

  private static List<String> ids(List<ClaimedWorkflow> claimed) {
    return claimed.stream().map(one -> one.workflow().id()).toList();
  }

  private void release(ClaimedWorkflow claimed) {
    provider().release(List.of(claimed.claim()));
  }

  private void end(ClaimedWorkflow claimed) {
    WorkflowInstance stored = provider().getWorkflowInstance(claimed.workflow().id());
    provider().persistWorkflow(stored.toBuilder().status(WorkflowStatus.TERMINATED).build());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void higherPrioritiesAreClaimedFirst(int definitions) {
    String low = due(1, Priority.LOW);
    String later = due(4, Priority.NORMAL);
    String high = due(5, Priority.HIGH);
    String normal = due(3, Priority.NORMAL);
    ClaimRequest request =
        new ClaimRequest(
            "host", List.of(definition, newer).subList(0, definitions), 2, Long.MAX_VALUE, LONG);

    assertThat(ids(provider().claimWorkflows(request))).containsExactly(high, normal);
    assertThat(ids(provider().claimWorkflows(request))).containsExactly(later, low);
  }

  @Test
  void higherPrioritiesAreClaimedFirstUnderALimit() {
    String low = due(1, Priority.LOW);
    String normal = due(3, Priority.NORMAL);
    String high = due(5, Priority.HIGH);

    assertThat(ids(claim(provider(), "host", 2, LONG, atATime(9)))).containsExactly(high, normal);
    assertThat(ids(claim(provider(), "host", 2, LONG, atATime(9)))).containsExactly(low);
  }

  @Test
  void definitionsTakeTurns() {
    DefinitionVersion other = new DefinitionVersion(Samples.unique("other definition"), 1);
    List<String> many = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      many.add(due(i));
    }
    String first = due(other, 1_000);
    String second = due(other, 1_001);
    List<DefinitionVersion> both = List.of(definition, other);

    assertThat(
            ids(provider().claimWorkflows(new ClaimRequest("host", both, 4, Long.MAX_VALUE, LONG))))
        .containsExactlyInAnyOrder(many.get(0), many.get(1), first, second);
    assertThat(
            ids(provider().claimWorkflows(new ClaimRequest("host", both, 3, Long.MAX_VALUE, LONG))))
        .containsExactly(many.get(2), many.get(3), many.get(4));
  }

  @Test
  void aDefinitionWithALimitLeavesRoomForOthers() {
    DefinitionVersion other = new DefinitionVersion(Samples.unique("other definition"), 1);
    List<String> many = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      many.add(due(i));
    }
    String later = due(other, 1_000);
    ClaimRequest request =
        new ClaimRequest(
            "host",
            List.of(definition, other),
            4,
            Long.MAX_VALUE,
            LONG,
            Map.of(definition.definitionId(), atATime(MANY)));

    assertThat(ids(provider().claimWorkflows(request))).contains(many.get(0), many.get(1), later);
  }

  @Test
  void noMoreAreLeasedThanTheLimitAllows() {
    String first = due(1);
    String second = due(2);
    String third = due(3);

    ClaimedWorkflows claimed = claim(provider(), "one", 9, LONG, atATime(2));
    assertThat(ids(claimed)).containsExactly(first, second);
    assertThat(ids(claim(anotherHost(), "other", 9, LONG, atATime(2)))).isEmpty();

    release(claimed.workflows().get(1));
    assertThat(ids(claim(anotherHost(), "other", 9, LONG, atATime(2)))).containsExactly(second);
    end(claimed.workflows().get(0));
    release(claimed.workflows().get(0));
    assertThat(ids(claim(anotherHost(), "other", 9, LONG, atATime(2)))).containsExactly(third);
    assertThat(ids(claim(anotherHost(), "other", 9, LONG, atATime(9)))).isEmpty();
  }

  @Test
  void versionsOfADefinitionShareItsLimit() {
    String first = due(1);
    String second = due(newer, 2);
    due(newer, 3);
    due(4);

    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(2)))).containsExactly(first, second);
    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(2)))).isEmpty();
  }

  @Test
  void aLeaseThatWasTakenWithoutALimitDoesNotCount() {
    due(1);
    String second = due(2);
    due(3);
    assertThat(ids(provider().claimWorkflows(request("host", 1, LONG)))).hasSize(1);

    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(1)))).containsExactly(second);
  }

  @Test
  void eachKeyHasItsOwnLimit() {
    String one = due(1, "a");
    String two = due(2, "a");
    due(3, "a");
    String other = due(4, "b");
    String without = due(5, (String) null);
    String alsoWithout = due(6, (String) null);
    String empty = due(7, "");

    ClaimedWorkflows claimed = claim(provider(), "host", 9, LONG, perKey(1));
    assertThat(ids(claimed)).containsExactly(one, other, without, alsoWithout, empty);
    assertThat(ids(claim(provider(), "host", 9, LONG, perKey(1)))).isEmpty();
    assertThat(ids(claim(provider(), "host", 9, LONG, perKey(2)))).containsExactly(two);
  }

  @Test
  void limitsAreCombined() {
    String one = due(1, "a");
    due(2, "a");
    String other = due(3, "b");
    due(4, "c");

    assertThat(ids(claim(provider(), "host", 9, LONG, new ClaimLimits(2, 1, null))))
        .containsExactly(one, other);
  }

  @Test
  void manyOfABusyKeyDoNotHoldUpOthers() {
    List<WorkflowInstance> busy = new ArrayList<>();
    for (int i = 0; i < 10 * MANY; i++) {
      busy.add(instance().nextExecution((long) i).limitKey("busy").build());
    }
    provider().createAll(busy);
    String other = due(10_000, "other");
    String last = due(10_001, "last");

    List<String> claimed = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      claimed.addAll(ids(claim(provider(), "host", 2, LONG, perKey(1))));
    }

    assertThat(claimed).hasSize(3).contains(other, last);
  }

  @Test
  void aRateLimitsHowManyAreClaimedInAPeriod() {
    for (int i = 0; i < MANY; i++) {
      due(i);
    }
    ClaimLimits rate = rate(3, Duration.ofHours(1));

    List<ClaimedWorkflow> claimed =
        new ArrayList<>(claim(provider(), "host", 2, LONG, rate).workflows());
    claimed.addAll(claim(anotherHost(), "other", 9, LONG, rate).workflows());
    assertThat(claimed).hasSize(3);
    release(claimed.get(0));
    ClaimedWorkflows none = claim(provider(), "host", 9, LONG, rate);
    assertThat(ids(none)).isEmpty();
    assertThat(none.untilNextDue()).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
    assertThat(ids(claim(provider(), "host", 9, LONG, rate(5, Duration.ofHours(1))))).hasSize(2);
  }

  @Test
  void aRateAllowsMoreAfterItsPeriod() {
    String first = due(1);
    String second = due(2);
    ClaimLimits rate = rate(1, Duration.ofMillis(100));

    assertThat(ids(awaitClaim(9, LONG, rate))).containsExactly(first);
    assertThat(ids(awaitClaim(9, LONG, rate))).containsExactly(second);
  }

  @Test
  void anExpiredLeaseCountsUntilItIsTakenOver() {
    String first = due(1);
    due(2);
    ClaimedWorkflow expired = claim(provider(), "one", 1, SHORTEST, atATime(1)).workflows().get(0);

    List<ClaimedWorkflow> takenOver = awaitClaim(9, LONG, atATime(1));

    assertThat(ids(takenOver)).containsExactly(first);
    assertThat(takenOver.get(0).attempt()).isEqualTo(2);
    assertThat(provider().renew(List.of(expired.claim()), LONG)).isEmpty();
    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(1)))).isEmpty();
  }

  @Test
  void anExpiredLeaseThatIsRenewedCounts() {
    due(1);
    due(2);
    ClaimedWorkflow expired = claim(provider(), "one", 1, SHORTEST, atATime(1)).workflows().get(0);
    assertThat(provider().renew(List.of(expired.claim()), LONG)).isNotEmpty();

    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(1)))).isEmpty();
  }

  @Test
  void anExpiredLeaseOnAnEndedWorkflowDoesNotCount() {
    due(1);
    String second = due(2);
    ClaimedWorkflow expired = claim(provider(), "one", 1, SHORTEST, atATime(1)).workflows().get(0);
    end(expired);

    assertThat(ids(awaitClaim(9, LONG, atATime(1)))).containsExactly(second);
    assertThat(provider().renew(List.of(expired.claim()), LONG)).isEmpty();
  }

  @Test
  void anExpiredLeaseOnASuspendedWorkflowIsLost() {
    due(1, "a");
    String second = due(2, "a");
    ClaimedWorkflow expired = claim(provider(), "one", 1, SHORTEST, perKey(1)).workflows().get(0);
    WorkflowInstance stored = provider().getWorkflowInstance(expired.workflow().id());
    provider().persistWorkflow(stored.toBuilder().status(WorkflowStatus.SUSPENDED).build());

    assertThat(ids(awaitClaim(9, LONG, perKey(1)))).containsExactly(second);
    assertThat(provider().renew(List.of(expired.claim()), LONG)).isEmpty();
    assertThat(ids(claim(provider(), "host", 9, LONG, perKey(1)))).isEmpty();
  }

  @Test
  void aValidLeaseOnAnEndedWorkflowCounts() {
    due(1);
    due(2);
    ClaimedWorkflow claimed = claim(provider(), "one", 1, LONG, atATime(1)).workflows().get(0);
    end(claimed);

    assertThat(ids(claim(provider(), "host", 9, LONG, atATime(1)))).isEmpty();
    assertThat(provider().renew(List.of(claimed.claim()), LONG)).isNotEmpty();
  }

  @Test
  void hostsTogetherNeverExceedALimit() throws Exception {
    for (int i = 0; i < MANY; i++) {
      due(i, i % 4 == 0 ? null : "k" + i % 3);
    }
    AtomicInteger leased = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
    ClaimLimits limits = new ClaimLimits(3, 2, null);

    Together.<Integer>run(
        4,
        number ->
            () -> {
              PersistenceProvider host = number % 2 == 0 ? provider() : anotherHost();
              Together.until(
                  () -> {
                    List<ClaimedWorkflow> claimed =
                        claim(host, "host" + number, 2, LONG, limits).workflows();
                    seen.add(leased.addAndGet(claimed.size()));
                    claimed.forEach(this::end);
                    leased.addAndGet(-claimed.size());
                    claimed.forEach(this::release);
                    return ended.addAndGet(claimed.size()) == MANY;
                  });
              return 0;
            });

    assertThat(seen).allSatisfy(count -> assertThat(count).isBetween(0, 3));
    assertThat(Collections.max(seen)).isGreaterThan(1);
  }

  /** What a workflow that waits, with this key, sees of the limits. */
  private LimitUsage usage(@Nullable String key, @Nullable Duration period) {
    return usageSeenBy(
        provider().createNewWorkflow(instance().nextExecution(null).limitKey(key).build()), period);
  }

  private LimitUsage usageSeenBy(String workflowId, @Nullable Duration period) {
    return anotherHost().getLimitUsage(workflowId, period);
  }

  @Test
  void theUseOfLimitsIsRead() {
    due(1, "a");
    due(2, "b");
    due(3, (String) null);
    assertThat(usage("a", Duration.ofHours(1))).isEqualTo(new LimitUsage(0, 0, 0, null));
    ClaimLimits limits = new ClaimLimits(9, 9, new ClaimLimits.Rate(9, Duration.ofHours(1)));
    List<ClaimedWorkflow> claimed = claim(provider(), "host", 9, LONG, limits).workflows();

    LimitUsage used = usage("a", Duration.ofHours(1));

    assertThat(used.atATime()).isEqualTo(3);
    assertThat(used.atATimeOfKey()).isEqualTo(1);
    assertThat(used.claimed()).isEqualTo(3);
    assertThat(used.earliestClaim()).isNotNull();
    assertThat(usage(null, null)).isEqualTo(new LimitUsage(3, 0, 0, null));
    release(claimed.get(0));
    assertThat(usage("none", null)).isEqualTo(new LimitUsage(2, 0, 0, null));
    String ofAnother = due(new DefinitionVersion(definition.definitionId() + "x", 1), 1);
    assertThat(usageSeenBy(ofAnother, null)).isEqualTo(new LimitUsage(0, 0, 0, null));
    assertThatThrownBy(() -> usageSeenBy(Samples.unique("missing"), null))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void theOwnLeaseOfAWorkflowIsNotUseByOthers() {
    String own = due(1, "a");
    String other = due(2, "a");
    assertThat(awaitClaim(9, SHORTEST, perKey(2))).hasSize(2);

    assertThat(usageSeenBy(own, null)).isEqualTo(new LimitUsage(1, 1, 0, null));
    assertThat(usageSeenBy(other, null)).isEqualTo(new LimitUsage(1, 1, 0, null));
    assertThat(usage("a", null)).isEqualTo(new LimitUsage(2, 2, 0, null));
  }

  @Test
  void leasesAndClaimsThatNoLimitCountsAreNotUse() {
    due(1);
    assertThat(ids(provider().claimWorkflows(request("host", 1, LONG)))).hasSize(1);
    assertThat(usage(null, null).atATime()).isZero();

    due(2);
    ClaimedWorkflow expired = claim(provider(), "one", 1, SHORTEST, atATime(1)).workflows().get(0);
    assertThat(usage(null, null).atATime()).isEqualTo(1);
    end(expired);
    Together.until(() -> usage(null, null).atATime() == 0);
  }
}
