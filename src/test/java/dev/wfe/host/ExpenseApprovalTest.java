package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ExpenseApprovalTest {
  record Decision(boolean approved, String by) {}

  record Expense(String id, long cents, @Nullable Decision decision, @Nullable String receipt) {
    Expense decided(Decision made) {
      return new Expense(id, cents, made, receipt);
    }

    Expense paid(String given) {
      return new Expense(id, cents, decision, given);
    }

    boolean approved() {
      return decision != null && decision.approved();
    }

    Expense expired() {
      return decided(new Decision(false, "nobody"));
    }
  }

  static final EventType<Decision> DECIDED = EventType.of("expense decided", Decision.class);

  private final List<String> calls = new ArrayList<>();

  private final Workflow<Expense> approval =
      Workflow.define("expense approval", 1, Expense.class)
          .run("ask manager", (Expense expense) -> calls.add("ask"))
          .await(
              "decision",
              DECIDED,
              Expense::id,
              Expense::decided,
              Timeout.after(Duration.ofDays(2)).update("expire", Expense::expired))
          .when(
              "approved?",
              Expense::approved,
              yes ->
                  yes.call(
                      "pay",
                      (expense, context) -> {
                        calls.add("pay");
                        return "r-1";
                      },
                      Expense::paid,
                      RetryPolicy.exponential(Duration.ofSeconds(1)).maxAttempts(5)))
          .run("notify", (Expense expense) -> calls.add("notify"))
          .build();

  @Test
  void approvedExpenseIsPaid() {
    try (WorkflowTest test = WorkflowTest.of(approval)) {
      String id = test.start(approval, new Expense("e-1", 4_200, null, null));
      test.failNext("pay", new IllegalStateException("bank is closed"));
      test.publish(DECIDED, "e-1", new Decision(true, "ann"));
      assertThat(test.state(approval, id).nextAttempt()).isNotNull();
      test.advance(Duration.ofSeconds(2));
      assertThat(test.state(approval, id).status()).isEqualTo(WorkflowStatus.COMPLETE);
      assertThat(test.state(approval, id).data().receipt()).isEqualTo("r-1");
      assertThat(calls).containsExactly("ask", "pay", "notify");
    }
  }

  @Test
  void undecidedExpenseIsNotPaid() {
    try (WorkflowTest test = WorkflowTest.of(approval)) {
      String id = test.start(approval, new Expense("e-1", 4_200, null, null));
      test.advance(Duration.ofDays(2));
      assertThat(test.endedSteps(approval, id))
          .containsExactly("ask manager", "decision", "expire", "approved?", "notify");
      assertThat(test.timedOutSteps(approval, id)).containsExactly("decision");
      assertThat(calls).containsExactly("ask", "notify");
    }
  }

  @Test
  void hostWithThreads() throws Exception {
    var provider = new InMemoryPersistenceProvider();
    try (WorkflowHost host = WorkflowHost.builder(provider).workflow(approval).build()) {
      host.start();
      host.startWorkflow(approval, new Expense("e-1", 1, null, null), StartOptions.id("e-1"));
      host.publish(DECIDED, "e-1", new Decision(true, "ann"));
      assertThat(host.awaitEnd(approval, "e-1", Duration.ofSeconds(10)).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
    }
  }
}
