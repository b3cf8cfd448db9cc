package dev.wfe.cli.orders;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Instant;

/** Wakes the workflows whose scheduled command is due. */
final class Timers implements Worker {
  private final PersistenceProvider store;

  Timers(PersistenceProvider store) {
    this.store = store;
  }

  @Override
  public boolean work() {
    return store.processCommands(Instant.now(), this::handle).handled() > 0;
  }

  /**
   * What this throws leaves the command due: for us to try again, or for the host it belongs to.
   */
  private void handle(ScheduledCommand command) {
    if (command.commandName() != CommandName.PROCESS_WORKFLOW || !Ids.isOurs(command.data())) {
      throw new IllegalArgumentException("A command of another host");
    }
    wake(store.getWorkflowInstance(command.data()));
  }

  /**
   * Writes also if the workflow is awake: a runner that is about to put it to sleep, relying on
   * this very command, is refused as stale by that and looks again.
   */
  private void wake(WorkflowInstance instance) {
    if (instance.status() == WorkflowStatus.RUNNABLE) {
      store.persistWorkflow(instance.toBuilder().nextExecution(0L).build());
    }
  }
}
