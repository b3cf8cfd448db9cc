package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import dev.wfe.persistence.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Renewing and releasing leases, and writes that belong to one. */
public abstract class LeaseContract extends LeasingContract {
  private static WorkflowWrite.Builder write(LiveWorkflow workflow, int mark) {
    return WorkflowWrite.of(workflow.toBuilder().data(IntNode.valueOf(mark)).build());
  }

  private void assertData(String id, int mark) {
    assertThat(anotherHost().getWorkflowInstance(id).data()).isEqualTo(IntNode.valueOf(mark));
  }

  private boolean isClaimable() {
    List<ClaimedWorkflow> claimed =
        anotherHost().claimWorkflows(request("probe", 1, SHORTEST)).workflows();
    claimed.forEach(one -> anotherHost().release(List.of(one.claim())));
    return !claimed.isEmpty();
  }

  @Test
  void aWriteThatKeepsItsLeaseIsFollowedByAnother() {
    ClaimedWorkflow claimed = claimed(LONG);
    LiveWorkflow workflow = claimed.workflow();

    for (int mark = 1; mark <= 3; mark++) {
      workflow =
          provider()
              .write(write(workflow, mark).under(claimed.claim(), LeaseAction.KEEP).build())
              .workflow();
    }

    assertData(workflow.id(), 3);
    assertThat(isClaimable()).isFalse();
    assertThat(provider().renew(List.of(claimed.claim()), LONG)).containsExactly(claimed.claim());
  }

  @Test
  void aWriteThatReleasesItsLeaseMakesDueWorkClaimable() {
    ClaimedWorkflow claimed = claimed(LONG);

    provider()
        .write(write(claimed.workflow(), 1).under(claimed.claim(), LeaseAction.RELEASE).build());

    assertData(claimed.claim().id(), 1);
    assertThat(isClaimable()).isTrue();
    assertThat(provider().renew(List.of(claimed.claim()), LONG)).isEmpty();
  }

  @Test
  void aWriteWithoutAClaimLeavesTheLease() {
    ClaimedWorkflow claimed = claimed(LONG);

    LiveWorkflow written = provider().write(write(claimed.workflow(), 1).build()).workflow();
    provider().persistWorkflow(provider().getWorkflowInstance(written.id()));

    assertThat(isClaimable()).isFalse();
    provider()
        .write(
            write(provider().getLiveWorkflow(written.id()), 2)
                .under(claimed.claim(), LeaseAction.KEEP)
                .build());
  }

  /** Not even if its revision is current. */
  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void afterALeaseWasTakenOverItsWritesAreRefused(LeaseAction action) {
    ClaimedWorkflow lost = claimed(SHORTEST);
    ClaimedWorkflow current = takenOver("second", LONG);

    assertLost(lost, lost.workflow(), action);

    assertThat(provider().renew(List.of(current.claim()), LONG)).containsExactly(current.claim());
    provider().write(write(current.workflow(), 1).under(current.claim(), action).build());
    assertLost(lost, provider().getLiveWorkflow(lost.claim().id()), action);
    assertLost(lost, lost.workflow(), action);
    assertLost(lost, lost.workflow().toBuilder().revision(null).build(), action);
    assertData(lost.claim().id(), 1);
  }

  private void assertLost(ClaimedWorkflow lost, LiveWorkflow workflow, LeaseAction action) {
    String id = workflow.id();
    WorkflowInstance before = provider().getWorkflowInstance(id);

    assertThatThrownBy(
            () ->
                provider()
                    .write(
                        write(workflow, 99)
                            .errors(List.of(ExecutionError.now(id, "p", "lost")))
                            .under(lost.claim(), action)
                            .build()))
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            failure -> {
              assertThat(failure.ids()).containsExactly(id);
              assertThat(failure.retryable()).isFalse();
              assertThat(failure.getMessage()).contains(id, lost.claim().owner());
            });

    assertThat(provider().getWorkflowInstance(id)).isEqualTo(before);
    assertThat(store().storedErrors(id)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void afterALeaseWasReleasedItsWritesAreRefused(LeaseAction action) {
    ClaimedWorkflow claimed = claimed(LONG);
    provider().release(List.of(claimed.claim()));
    assertLost(claimed, claimed.workflow(), action);

    ClaimedWorkflow again = claimAll(provider(), "first").workflows().get(0);
    assertLost(claimed, claimed.workflow(), action);
    LiveWorkflow written =
        provider()
            .write(write(again.workflow(), 1).under(again.claim(), LeaseAction.RELEASE).build())
            .workflow();
    assertLost(again, written, action);
  }

  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void anExpiredLeaseThatNobodyTookOverIsStillValid(LeaseAction action) {
    ClaimedWorkflow claimed = claimed(SHORTEST);
    String id = claimed.workflow().id();
    Together.until(() -> provider().getRunnableInstances(Instant.EPOCH).contains(id));

    provider().write(write(claimed.workflow(), 1).under(claimed.claim(), action).build());

    assertData(id, 1);
    assertThat(isClaimable()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void aStaleWriteLeavesTheLease(LeaseAction action) {
    ClaimedWorkflow claimed = claimed(LONG);
    String id = claimed.workflow().id();
    provider()
        .persistWorkflow(
            provider().getWorkflowInstance(id).toBuilder().reference("by an operator").build());

    assertThatThrownBy(
            () ->
                provider()
                    .write(write(claimed.workflow(), 1).under(claimed.claim(), action).build()))
        .isInstanceOf(StaleRevisionException.class);

    assertThat(isClaimable()).isFalse();
    LiveWorkflow current = provider().getLiveWorkflow(id);
    assertThat(current.reference()).isEqualTo("by an operator");
    provider().write(write(current, 2).under(claimed.claim(), action).build());
    assertData(id, 2);
  }

  @Test
  void anUnconditionalWriteUnderAClaimIsFencedToo() {
    ClaimedWorkflow claimed = claimed(LONG);
    LiveWorkflow unconditional = claimed.workflow().toBuilder().revision(null).build();
    provider().write(write(unconditional, 1).build());

    provider().write(write(unconditional, 2).under(claimed.claim(), LeaseAction.RELEASE).build());

    assertData(unconditional.id(), 2);
    assertLost(claimed, unconditional, LeaseAction.KEEP);
  }

  @ParameterizedTest
  @EnumSource(LeaseAction.class)
  void aRefusedWriteLeavesTheLease(LeaseAction action) {
    ClaimedWorkflow claimed = claimed(LONG);
    String taken = provider().createNewWorkflow(Samples.instance());

    assertThatThrownBy(
            () ->
                provider()
                    .write(
                        write(claimed.workflow(), 1)
                            .create(List.of(Samples.instance().toBuilder().id(taken).build()))
                            .under(claimed.claim(), action)
                            .build()))
        .isInstanceOf(DuplicateException.class);

    assertThat(provider().renew(List.of(claimed.claim()), LONG)).containsExactly(claimed.claim());
    provider().write(write(claimed.workflow(), 2).under(claimed.claim(), action).build());
  }

  @Test
  void aClaimOnSomethingElseIsRefused() {
    ClaimedWorkflow claimed = claimed(LONG);
    LiveWorkflow other = LiveWorkflow.of(provider().create(Samples.instance()));
    Claim ofEvent =
        new Claim(Subject.EVENT, other.id(), claimed.claim().owner(), claimed.claim().epoch());

    for (Claim foreign : List.of(claimed.claim(), ofEvent)) {
      assertThatThrownBy(
              () -> provider().write(write(other, 1).under(foreign, LeaseAction.KEEP).build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("claim.");
    }
    assertThat(provider().getLiveWorkflow(other.id())).isEqualTo(other);
  }

  @Test
  void aClaimThatWasNeverGivenIsLost() {
    ClaimedWorkflow claimed = claimed(LONG);
    Claim given = claimed.claim();
    for (Claim invented :
        List.of(
            new Claim(given.subject(), given.id(), "another owner", given.epoch()),
            new Claim(given.subject(), given.id(), given.owner(), given.epoch() ^ 1))) {
      assertThatThrownBy(
              () ->
                  provider()
                      .write(
                          write(claimed.workflow(), 1)
                              .under(invented, LeaseAction.RELEASE)
                              .build()))
          .isInstanceOf(LeaseLostException.class);
      assertThat(provider().renew(List.of(invented), LONG)).isEmpty();
      provider().release(List.of(invented));
      assertThat(isClaimable()).isFalse();
    }
    WorkflowInstance unleased = provider().create(Samples.instance());
    Claim invented = new Claim(Subject.WORKFLOW, unleased.id(), "owner", 1);
    assertThatThrownBy(
            () ->
                provider()
                    .write(WorkflowWrite.of(unleased).under(invented, LeaseAction.KEEP).build()))
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void anUnknownWorkflowUnderAClaimIsNotFound() {
    WorkflowInstance unknown = Samples.instance();
    Claim claim = new Claim(Subject.WORKFLOW, unknown.id(), "owner", 1);

    assertThatThrownBy(
            () ->
                provider().write(WorkflowWrite.of(unknown).under(claim, LeaseAction.KEEP).build()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void inABatchEachWriteIsFencedByItself() {
    ClaimedWorkflow lost = claimed(SHORTEST);
    ClaimedWorkflow lostToo = takenOver("second", SHORTEST);
    takenOver("third", LONG);
    due(1);
    due(2);
    List<ClaimedWorkflow> mine = claimAll(provider(), "first").workflows();

    List<ItemResult<WriteResult>> results =
        provider()
            .writeAll(
                List.of(
                    write(mine.get(0).workflow(), 1)
                        .under(mine.get(0).claim(), LeaseAction.RELEASE)
                        .build(),
                    write(lost.workflow(), 99).under(lost.claim(), LeaseAction.KEEP).build(),
                    write(lostToo.workflow(), 99)
                        .under(lostToo.claim(), LeaseAction.RELEASE)
                        .build(),
                    write(mine.get(1).workflow(), 1)
                        .under(mine.get(1).claim(), LeaseAction.KEEP)
                        .build()));

    results.get(0).orThrow();
    assertThatThrownBy(() -> results.get(1).orThrow()).isInstanceOf(LeaseLostException.class);
    assertThatThrownBy(() -> results.get(2).orThrow()).isInstanceOf(LeaseLostException.class);
    results.get(3).orThrow();
    assertData(mine.get(0).claim().id(), 1);
    assertData(mine.get(1).claim().id(), 1);
    assertThat(ids(claimAll(anotherHost(), "probe"))).containsExactly(mine.get(0).claim().id());
  }

  @Test
  void afterAReleaseInTheSameBatchAWriteUnderTheClaimIsLost() {
    ClaimedWorkflow claimed = claimed(LONG);
    LiveWorkflow unconditional = claimed.workflow().toBuilder().revision(null).build();

    List<ItemResult<WriteResult>> results =
        provider()
            .writeAll(
                List.of(
                    write(unconditional, 1).under(claimed.claim(), LeaseAction.KEEP).build(),
                    write(unconditional, 2).under(claimed.claim(), LeaseAction.RELEASE).build(),
                    write(unconditional, 3).under(claimed.claim(), LeaseAction.KEEP).build()));

    results.get(0).orThrow();
    results.get(1).orThrow();
    assertThatThrownBy(() -> results.get(2).orThrow()).isInstanceOf(LeaseLostException.class);
    assertData(unconditional.id(), 2);
  }

  @Test
  void aRenewedLeaseExpiresTheDurationAfterTheDatabasesTime() {
    ClaimedWorkflow claimed = claimed(LONG);

    assertThat(provider().renew(List.of(claimed.claim()), SHORTEST))
        .containsExactly(claimed.claim());
    Together.until(this::isClaimable);
  }

  @Test
  void anExpiredLeaseIsRenewedUnlessItWasTakenOver() {
    ClaimedWorkflow claimed = claimed(SHORTEST);
    String id = claimed.workflow().id();
    Together.until(() -> provider().getRunnableInstances(Instant.EPOCH).contains(id));

    assertThat(provider().renew(List.of(claimed.claim()), SHORTEST)).hasSize(1);
    ClaimedWorkflow other = takenOver("second", LONG);

    assertThat(provider().renew(List.of(claimed.claim(), other.claim()), LONG))
        .containsExactly(other.claim());
    assertThat(isClaimable()).isFalse();
  }

  @Test
  void renewingKeepsTheCountOfAttempts() {
    claimed(SHORTEST);
    ClaimedWorkflow second = takenOver("second", LONG);
    provider().renew(List.of(second.claim()), SHORTEST);

    assertThat(takenOver("third", LONG).attempt()).isEqualTo(3);
  }

  @Test
  void manyClaimsAreRenewedAndReleasedAtOnce() {
    IntStream.range(0, 50).forEach(i -> due(i));
    List<Claim> claims =
        claimAll(provider(), "host").workflows().stream().map(ClaimedWorkflow::claim).toList();
    Claim lost = new Claim(Subject.WORKFLOW, Samples.unique("unknown"), "host", 5);
    Claim lostEvent = new Claim(Subject.EVENT, Samples.unique("unknown"), "host", 5);
    List<Claim> all =
        Stream.of(claims, List.of(lost, lostEvent), claims.subList(0, 3))
            .flatMap(List::stream)
            .toList();

    assertThat(provider().renew(all, LONG)).containsExactlyInAnyOrderElementsOf(claims);
    provider().release(all);

    assertThat(provider().renew(all, LONG)).isEmpty();
    assertThat(claimAll(anotherHost(), "other").workflows()).hasSize(50);
    provider().release(all);
    assertThat(claimAll(anotherHost(), "third").workflows()).isEmpty();
  }

  @Test
  void noClaimsAreNothing() {
    assertThat(provider().renew(List.of(), LONG)).isEmpty();
    provider().release(List.of());
    provider()
        .release(Collections.nCopies(10_000, new Claim(Subject.WORKFLOW, "unknown", "host", 1)));
  }

  @Test
  void renewingAndReleasingChangeNoRevision() {
    ClaimedWorkflow claimed = claimed(LONG);
    WorkflowInstance before = provider().getWorkflowInstance(claimed.workflow().id());

    provider().renew(List.of(claimed.claim()), LONG);
    provider().release(List.of(claimed.claim()));

    assertThat(provider().getWorkflowInstance(before.id())).isEqualTo(before);
    provider().persistWorkflow(before);
  }

  @Test
  void aWriteThatReleasesAndIsDueLaterIsNotClaimable() {
    store().empty();
    ClaimedWorkflow claimed = claimed(LONG);

    LiveWorkflow written =
        provider()
            .write(
                write(claimed.workflow(), 1)
                    .dueAfter(Duration.ofDays(1))
                    .under(claimed.claim(), LeaseAction.RELEASE)
                    .build())
            .workflow();

    assertThat(isClaimable()).isFalse();
    assertThat(claimAll(provider(), "host").untilNextDue())
        .isBetween(Duration.ofHours(20), Duration.ofHours(24));
    provider().write(WorkflowWrite.of(written).dueAfter(Duration.ZERO).build());
    assertThat(isClaimable()).isTrue();
  }

  /** An operator's wake-up meets the release: whichever comes first, the workflow is due. */
  @Test
  void aWakeUpDuringAReleaseIsNotLost() throws Exception {
    for (int round = 0; round < 20; round++) {
      ClaimedWorkflow claimed = claimed(LONG);
      String id = claimed.workflow().id();
      LiveWorkflow asleep = claimed.workflow().toBuilder().nextExecution(null).build();

      Together.run(
          () -> {
            try {
              provider()
                  .write(
                      WorkflowWrite.of(asleep).under(claimed.claim(), LeaseAction.RELEASE).build());
            } catch (StaleRevisionException woken) {
              provider()
                  .write(
                      WorkflowWrite.of(provider().getLiveWorkflow(id))
                          .under(claimed.claim(), LeaseAction.RELEASE)
                          .build());
            }
            return true;
          },
          () -> {
            wake(id);
            return true;
          });

      ClaimedWorkflow again = claimAll(anotherHost(), "other").workflows().get(0);
      assertThat(again.workflow().id()).isEqualTo(id);
      provider()
          .write(
              WorkflowWrite.of(again.workflow().toBuilder().status(WorkflowStatus.COMPLETE).build())
                  .under(again.claim(), LeaseAction.RELEASE)
                  .build());
    }
  }

  private void wake(String id) {
    boolean isDone = false;
    while (!isDone) {
      try {
        anotherHost()
            .write(
                WorkflowWrite.of(
                        anotherHost().getLiveWorkflow(id).toBuilder().nextExecution(0L).build())
                    .build());
        isDone = true;
      } catch (StaleRevisionException again) {
        isDone = false;
      }
    }
  }
}
