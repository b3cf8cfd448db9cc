package dev.wfe.cli.orders;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The workflows that are not known to be complete yet. Thread-safe. */
final class Progress {
  private final Set<String> remaining;
  private final int total;

  Progress(Collection<String> workflowIds) {
    remaining = Collections.synchronizedSet(new LinkedHashSet<>(workflowIds));
    total = remaining.size();
  }

  void completed(String workflowId) {
    remaining.remove(workflowId);
  }

  int completed() {
    return total - remaining.size();
  }

  boolean isDone() {
    return remaining.isEmpty();
  }

  List<String> remaining(int limit) {
    synchronized (remaining) {
      return new ArrayList<>(remaining).subList(0, Math.min(limit, remaining.size()));
    }
  }
}
