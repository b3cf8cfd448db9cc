package dev.wfe.host;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.persistence.PersistenceProvider;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the executions of steps. At each execution it looks whether the step's outcome is stored
 * already, which must not be. Thread-safe.
 */
final class StepLog implements RandomWorkflow.Listener, RandomWorkflow.Attempts {
  private final PersistenceProvider store;
  private final Map<String, AtomicInteger> executions = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> failed = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
  private final Collection<String> problems = new ConcurrentLinkedQueue<>();

  StepLog(PersistenceProvider store) {
    this.store = store;
  }

  /**
   * A step is executed.
   *
   * @throws IllegalStateException at the first executions
   */
  @Override
  public void executed(StepContext context, int failures) {
    String step = context.idempotencyKey();
    if (counter(underWay, step).incrementAndGet() > 1) {
      problems.add("%s is executed twice at a time".formatted(context.stepName()));
    }
    try {
      boolean isOpen =
          store.getLiveWorkflow(context.workflowId()).pointers().stream()
              .filter(pointer -> !pointer.status().isEnd())
              .map(ExecutionPointer::id)
              .anyMatch(step::equals);
      if (!isOpen) {
        problems.add("%s is executed although its outcome is stored".formatted(context.stepName()));
      }
      int execution = counter(executions, step).incrementAndGet();
      if (execution <= failures) {
        counter(failed, step).incrementAndGet();
        throw new IllegalStateException("failure " + execution);
      }
    } finally {
      counter(underWay, step).decrementAndGet();
    }
  }

  @Override
  public int plannedFailures(String execution) {
    return counter(failed, execution).get();
  }

  @Override
  public int otherFailures(String execution) {
    return 0;
  }

  @Override
  public int withoutOutcome(String execution, boolean isComplete) {
    return counter(executions, execution).get() - plannedFailures(execution) - (isComplete ? 1 : 0);
  }

  private static AtomicInteger counter(Map<String, AtomicInteger> counters, String step) {
    return counters.computeIfAbsent(step, key -> new AtomicInteger());
  }

  /** Executions that must not have been. */
  Collection<String> problems() {
    return problems;
  }
}
