package dev.wfe.cli.orders;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import java.time.Instant;
import java.util.List;

/** Executes the workflows that are due, each until it has to wait for something. */
final class Runner implements Worker {
  private final PersistenceProvider store;
  private final Claims claims;
  private final Progress progress;
  private final OurOwn ourOwn = new OurOwn();

  Runner(PersistenceProvider store, Claims claims, Progress progress) {
    this.store = store;
    this.claims = claims;
    this.progress = progress;
  }

  @Override
  public boolean work() {
    boolean worked = false;
    List<String> due = store.getRunnableInstances(Instant.now(), ourOwn.limit());
    for (String id : ourOwn.of(due)) {
      worked |= claims.run(id, () -> execute(id));
    }
    return worked;
  }

  private void execute(String id) {
    WorkflowInstance instance = store.getWorkflowInstance(id);
    try {
      while (isDue(instance)) {
        instance = write(OrderPass.over(instance, Instant.now()));
      }
    } catch (StaleRevisionException e) {
      // another worker was faster: what is left to do shows at the next look
      return;
    }
    if (instance.status() == WorkflowStatus.COMPLETE) {
      progress.completed(id);
    }
  }

  private static boolean isDue(WorkflowInstance instance) {
    Long nextExecution = instance.nextExecution();
    return instance.status() == WorkflowStatus.RUNNABLE
        && nextExecution != null
        && nextExecution <= System.currentTimeMillis();
  }

  /**
   * Errors and commands first: should this end between the verbs, an error is recorded twice rather
   * than never, and no workflow sleeps without a command that wakes it.
   */
  private WorkflowInstance write(OrderPass.Result result) {
    if (!result.errors().isEmpty()) {
      store.persistErrors(result.errors());
    }
    result.commands().forEach(store::scheduleCommand);
    if (result.subscriptions().isEmpty()) {
      return store.persistWorkflow(result.instance());
    }
    return store
        .persistWorkflowWithSubscriptions(result.instance(), result.subscriptions())
        .instance();
  }
}
