package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Work in one transaction of the store. */
public abstract class TransactionWorkContract extends LeasingContract {
  private final String topic = Samples.unique("topic");

  /** Makes changes of all kinds, and finds them. */
  private final class Changes {
    final WorkflowInstance before = provider().create(instance().nextExecution(null).build());
    final WorkflowInstance created = instance().build();
    final Event event = Samples.event(topic, Samples.NOON);
    final Event replayed = Samples.event(topic, Samples.NOON).toBuilder().processed(true).build();
    final EventSubscription subscription = Samples.subscription(before.id(), topic, Samples.NOON);
    final EventSubscription ended = Samples.subscription(before.id(), topic, Samples.NOON);

    Changes() {
      provider().createEventSubscription(ended);
      provider().createEvent(replayed);
    }

    void make(PersistenceProvider in) {
      in.createNewWorkflow(created);
      in.createEvent(event);
      in.write(
          WorkflowWrite.of(before.toBuilder().data(IntNode.valueOf(1)).build())
              .subscribe(List.of(subscription))
              .endSubscriptions(List.of(ended.id()))
              .build());
      in.persistErrors(List.of(ExecutionError.now(before.id(), "p", "m")));
      in.scheduleCommand(ScheduledCommand.processWorkflow(before.id(), 1));
      in.nextDefinitionSequence(definition.definitionId());
    }

    void assertMade(PersistenceProvider in, boolean made) {
      assertThat(in.getWorkflowInstance(before.id()).data())
          .isEqualTo(made ? IntNode.valueOf(1) : before.data());
      assertThat(in.getWorkflowInstances(List.of(created.id())))
          .isEqualTo(made ? List.of(created) : List.of());
      assertThat(in.getEventsSince(topic, "key", Samples.NOON).contains(event.id()))
          .isEqualTo(made);
      assertThat(in.getEvent(replayed.id()).processed()).isEqualTo(!made);
      assertThat(in.getSubscriptions(topic, "key", Samples.NOON).stream().map(one -> one.id()))
          .containsExactly(made ? subscription.id() : ended.id());
    }

    void assertMade(boolean made) {
      assertMade(anotherHost(), made);
      assertThat(store().storedErrors(before.id())).hasSize(made ? 1 : 0);
      assertThat(provider().nextDefinitionSequence(definition.definitionId()))
          .isGreaterThanOrEqualTo(made ? 2 : 1);
      List<String> commands = new ArrayList<>();
      provider().processCommands(Instant.MAX, command -> commands.add(command.data()));
      assertThat(commands.contains(before.id())).isEqualTo(made);
    }
  }

  @Test
  void everythingIsCommittedWhenTheWorkReturns() throws Exception {
    Changes changes = new Changes();

    String result =
        provider()
            .inTransaction(
                transaction -> {
                  changes.make(transaction.provider());
                  changes.assertMade(transaction.provider(), true);
                  return "result";
                });

    assertThat(result).isEqualTo("result");
    changes.assertMade(true);
  }

  @Test
  void theWorkMayReturnNull() throws Exception {
    String result = provider().inTransaction(transaction -> Nothing.nothing());

    assertThat(result).isNull();
  }

  static Stream<Throwable> throwables() {
    return Stream.of(
        new IOException("checked"),
        new IllegalStateException("unchecked"),
        new NotFoundException(Subject.WORKFLOW, "of the application"),
        new InterruptedException("interrupted"),
        new AssertionError("an error"),
        new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void everythingIsRolledBackWhenTheWorkThrows(Throwable thrown) {
    Changes changes = new Changes();

    assertThatThrownBy(
            () ->
                provider()
                    .inTransaction(
                        transaction -> {
                          changes.make(transaction.provider());
                          return fail(thrown);
                        }))
        .isSameAs(thrown);

    changes.assertMade(false);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  private static String fail(Throwable thrown) throws Exception {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (Exception) thrown;
  }

  @Test
  void aRefusalThatTheWorkHandlesLeavesTheRest() throws Exception {
    WorkflowInstance taken = provider().create(instance().build());
    WorkflowInstance other = instance().build();

    provider()
        .inTransaction(
            transaction -> {
              PersistenceProvider in = transaction.provider();
              assertThatThrownBy(() -> in.createNewWorkflow(taken))
                  .isInstanceOf(DuplicateException.class);
              assertThatThrownBy(() -> in.getEvent("unknown"))
                  .isInstanceOf(NotFoundException.class);
              return in.createNewWorkflow(other);
            });

    assertThat(provider().getWorkflowInstance(other.id())).isEqualTo(other);
  }

  @Test
  void aRevisionOfTheTransactionIsValidAfterItsCommit() throws Exception {
    WorkflowInstance created =
        provider().inTransaction(transaction -> transaction.provider().create(instance().build()));

    provider().persistWorkflow(created.toBuilder().reference("changed").build());
    assertThat(provider().getWorkflowInstance(created.id()).reference()).isEqualTo("changed");
  }

  @Test
  void aWriteUnderAClaimIsMadeAndFencedInATransaction() throws Exception {
    ClaimedWorkflow lost = claimed(SHORTEST);
    ClaimedWorkflow current = takenOver("second", LONG);
    LiveWorkflow changed =
        current.workflow().toBuilder().data(IntNode.valueOf(1)).nextExecution(null).build();

    provider()
        .inTransaction(
            transaction -> {
              assertThatThrownBy(
                      () ->
                          transaction
                              .provider()
                              .write(
                                  WorkflowWrite.of(lost.workflow())
                                      .under(lost.claim(), LeaseAction.KEEP)
                                      .build()))
                  .isInstanceOf(LeaseLostException.class);
              return transaction
                  .provider()
                  .write(
                      WorkflowWrite.of(changed)
                          .under(current.claim(), LeaseAction.RELEASE)
                          .build());
            });

    assertThat(provider().getWorkflowInstance(changed.id()).data()).isEqualTo(IntNode.valueOf(1));
    assertThat(provider().renew(List.of(current.claim()), LONG)).isEmpty();
  }

  @Test
  void aRolledBackReleaseLeavesTheLease() {
    ClaimedWorkflow claimed = claimed(LONG);

    assertThatThrownBy(
            () ->
                provider()
                    .inTransaction(
                        transaction -> {
                          transaction
                              .provider()
                              .write(
                                  WorkflowWrite.of(claimed.workflow())
                                      .under(claimed.claim(), LeaseAction.RELEASE)
                                      .build());
                          throw new IOException("rolled back");
                        }))
        .isInstanceOf(IOException.class);

    assertThat(provider().renew(List.of(claimed.claim()), LONG)).containsExactly(claimed.claim());
    assertThat(claimAll(anotherHost(), "other").workflows()).isEmpty();
  }

  /** An operation that must not be part of a transaction. */
  private record Apart(String name, Consumer<PersistenceProvider> call) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Apart> apart() {
    Claim claim = new Claim(Subject.WORKFLOW, "w", "owner", 1);
    return Stream.of(
        new Apart(
            "claimWorkflows",
            in -> in.claimWorkflows(new ClaimRequest("o", List.of(), 1, 1, LONG))),
        new Apart(
            "claimEvents", in -> in.claimEvents(new ClaimRequest("o", List.of(), 1, 1_000, LONG))),
        new Apart("renew", in -> in.renew(List.of(claim), LONG)),
        new Apart("release", in -> in.release(List.of(claim))),
        new Apart("processCommands", in -> in.processCommands(Instant.MAX, command -> {})),
        new Apart("ensureStoreExists", PersistenceProvider::ensureStoreExists),
        new Apart(
            "inTransaction",
            in -> {
              try {
                in.inTransaction(nested -> "never");
              } catch (StoreException refusal) {
                throw refusal;
              } catch (Exception other) {
                throw new AssertionError(other);
              }
            }));
  }

  @ParameterizedTest
  @MethodSource("apart")
  void whatCommitsByItselfIsRefused(Apart operation) throws Exception {
    WorkflowInstance created = instance().build();

    provider()
        .inTransaction(
            transaction -> {
              assertThatThrownBy(() -> operation.call().accept(transaction.provider()))
                  .isInstanceOfSatisfying(
                      CallerTransactionException.class,
                      refusal -> assertThat(refusal.retryable()).isFalse())
                  .hasMessageStartingWith(operation.name() + ": cannot be part of");
              return transaction.provider().createNewWorkflow(created);
            });

    assertThat(provider().getWorkflowInstance(created.id())).isEqualTo(created);
  }

  @Test
  void anUnknownObjectIsRefusedAndNothingElse() throws Exception {
    String id =
        provider()
            .inTransaction(
                transaction -> {
                  assertThatThrownBy(() -> transaction.unwrap(StringBuilder.class))
                      .isInstanceOf(InvalidValueException.class)
                      .hasMessageContaining("StringBuilder");
                  assertThatThrownBy(() -> transaction.unwrap(Nothing.nothing()))
                      .isInstanceOf(InvalidValueException.class);
                  return transaction.provider().createNewWorkflow(instance().build());
                });

    assertThat(provider().getWorkflowInstance(id).id()).isEqualTo(id);
  }

  @Test
  void afterTheWorkReturnedItsOperationsAreRefused() throws Exception {
    PersistenceProvider ended = provider().inTransaction(transaction -> transaction.provider());
    WorkflowInstance late = instance().build();

    assertThatThrownBy(() -> ended.createNewWorkflow(late))
        .isInstanceOf(CallerTransactionException.class);
    assertThatThrownBy(() -> ended.getWorkflowInstance("any"))
        .isInstanceOf(CallerTransactionException.class);

    assertThatThrownBy(() -> provider().getWorkflowInstance(late.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void listenersAreCalledAfterTheCommit() throws Exception {
    AtomicBoolean isOpen = new AtomicBoolean(true);
    AtomicInteger calls = new AtomicInteger();
    // A provider may also call it for no reason, such as when it begins to listen to others.
    Runnable listener =
        () -> {
          if (!isOpen.get()) {
            calls.incrementAndGet();
          }
        };
    try (Registration registration = provider().onWorkDue(listener)) {
      assertThat(registration).isNotNull();
      provider()
          .inTransaction(
              transaction -> {
                transaction.provider().createNewWorkflow(instance().build());
                isOpen.set(false);
                return true;
              });

      Together.until(() -> calls.get() > 0);
    }
  }

  @Test
  void concurrentTransactionsAreIsolatedFromEachOther() throws Exception {
    WorkflowInstance counter =
        provider().create(instance().nextExecution(null).data(IntNode.valueOf(0)).build());

    Together.run(
        4,
        number ->
            () -> {
              for (int i = 0; i < 5; i++) {
                increment(host(number), counter.id());
              }
              return number;
            });

    assertThat(provider().getWorkflowInstance(counter.id()).data()).isEqualTo(IntNode.valueOf(20));
  }

  private static void increment(PersistenceProvider host, String id) throws Exception {
    boolean isDone = false;
    while (!isDone) {
      try {
        host.inTransaction(
            transaction -> {
              LiveWorkflow read = transaction.provider().getLiveWorkflow(id);
              return transaction
                  .provider()
                  .write(
                      WorkflowWrite.of(
                              read.toBuilder()
                                  .data(IntNode.valueOf(read.data().intValue() + 1))
                                  .build())
                          .build());
            });
        isDone = true;
      } catch (StaleRevisionException again) {
        isDone = false;
      }
    }
  }
}
