package dev.wfe.cli.orders;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import java.time.Instant;
import java.util.List;

/** Executes the workflows that are due, each until it has to wait. */
final class Runner implements Worker {
  private final PersistenceProvider provider;
  private final Claims claims;
  private final Progress progress;
  private final OwnWork ownWork = new OwnWork();

  Runner(PersistenceProvider provider, Claims claims, Progress progress) {
    this.provider = provider;
    this.claims = claims;
    this.progress = progress;
  }

  @Override
  public boolean work() {
    boolean worked = false;
    List<String> due = provider.getRunnableInstances(Instant.now(), ownWork.limit());
    for (String id : ownWork.of(due)) {
      worked |= claims.run(id, () -> execute(id));
    }
    return worked;
  }

  private void execute(String id) {
    WorkflowInstance instance = provider.getWorkflowInstance(id);
    try {
      while (isDue(instance)) {
        instance = write(OrderPass.over(instance, Instant.now()));
      }
    } catch (StaleRevisionException e) {
      // another worker was faster; the next pass finds what is left to do
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
   * Writes errors and commands first. If the program ends between the operations, an error is
   * recorded twice rather than never, and no workflow sleeps without a command that wakes it.
   */
  private WorkflowInstance write(OrderPass.Result result) {
    if (!result.errors().isEmpty()) {
      provider.persistErrors(result.errors());
    }
    result.commands().forEach(provider::scheduleCommand);
    if (result.subscriptions().isEmpty()) {
      return provider.persistWorkflow(result.instance());
    }
    return provider
        .persistWorkflowWithSubscriptions(result.instance(), result.subscriptions())
        .instance();
  }
}
