package dev.wfe.bench.operations;

import dev.wfe.bench.Templates;
import dev.wfe.model.WorkflowInstance;
import java.util.ArrayList;
import java.util.List;

/** Executes steps of the instances of one thread in turn. Not thread-safe. */
final class Steps {
  private final List<WorkflowInstance> instances;
  private int steps;

  Steps(List<WorkflowInstance> instances) {
    this.instances = new ArrayList<>(instances);
  }

  /** Writes an instance whose pointer {@code step % n} has changed. */
  @FunctionalInterface
  interface Writer {
    /** Returns the instance as it is stored then. */
    WorkflowInstance write(WorkflowInstance stepped, int step) throws Exception;
  }

  WorkflowInstance next(Writer writer) throws Exception {
    int turn = steps % instances.size();
    int step = steps++;
    WorkflowInstance written = writer.write(Templates.stepped(instances.get(turn), step), step);
    instances.set(turn, written);
    return written;
  }
}
