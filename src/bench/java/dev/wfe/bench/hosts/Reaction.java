package dev.wfe.bench.hosts;

import dev.wfe.host.EventType;
import dev.wfe.host.Workflow;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The data of a workflow whose step says when it began.
 *
 * @param id the workflow's id
 */
record Reaction(String id) {
  /** When steps began in this process, as {@link System#nanoTime}. */
  static final BlockingQueue<Long> BEGUN = new LinkedBlockingQueue<>();

  /** Has the workflow's id as its key. */
  static final EventType<String> HAPPENED = EventType.of("happened", String.class);

  /** Has one step. */
  static final Workflow<Reaction> STARTED =
      Workflow.define("started", 1, Reaction.class).run("step", Reaction::begun).build();

  /** Has a step behind a wait. */
  static final Workflow<Reaction> WAITING =
      Workflow.define("waiting", 1, Reaction.class)
          .await("wait", HAPPENED, Reaction::id, (reaction, event) -> reaction)
          .run("step", Reaction::begun)
          .build();

  private void begun() {
    BEGUN.add(System.nanoTime());
  }
}
