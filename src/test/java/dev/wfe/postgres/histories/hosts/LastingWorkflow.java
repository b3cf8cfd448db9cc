package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.RandomWorkflow.Trace;
import dev.wfe.host.Workflow;
import java.time.Duration;

/** A workflow whose child does not end by itself: it has to be ended with its parent. */
final class LastingWorkflow {
  private static final String CHILD = "random lasting child";

  /** The ids of the parents of children that have not ended. */
  static final String WITH_CHILD =
      "select root_workflow_id from wfc.workflows where definition_id = '%s'".formatted(CHILD)
          + " and status in ('Runnable', 'Suspended')";

  private LastingWorkflow() {}

  static Workflow<Trace> workflow() {
    return Workflow.define("random lasting", 1, Trace.class)
        .child(
            "child",
            Workflow.define(CHILD, 1, Trace.class).delay("pause", Duration.ofDays(9_999)).build(),
            trace -> trace,
            (trace, child) -> trace)
        .build();
  }

  static String id(int number) {
    return "lasting-" + number;
  }
}
