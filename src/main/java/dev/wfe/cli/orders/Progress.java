package dev.wfe.cli.orders;

import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Counts the orders that are complete, whichever host has completed them. Thread-safe. */
final class Progress {
  private static final int BATCH = 200;

  private final PersistenceProvider provider;
  private final Set<String> remaining;
  private volatile int completed;
  private volatile boolean done;

  Progress(PersistenceProvider provider, Collection<String> workflowIds) {
    this.provider = provider;
    this.remaining = new LinkedHashSet<>(workflowIds);
  }

  /** Reads the state of the orders that were not complete at the last look. */
  synchronized void look() {
    List<String> ids = List.copyOf(remaining);
    int stopped = 0;
    for (int from = 0; from < ids.size(); from += BATCH) {
      List<String> batch = ids.subList(from, Math.min(from + BATCH, ids.size()));
      for (LiveWorkflow order : provider.getLiveWorkflows(batch)) {
        if (order.status() == WorkflowStatus.COMPLETE) {
          remaining.remove(order.id());
          completed++;
        } else if (order.status() != WorkflowStatus.RUNNABLE) {
          stopped++;
        }
      }
    }
    done = remaining.size() == stopped;
  }

  int completed() {
    return completed;
  }

  /** True if no order goes on by itself: each is complete, suspended or terminated. */
  boolean isDone() {
    return done;
  }
}
