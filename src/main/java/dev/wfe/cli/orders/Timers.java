package dev.wfe.cli.orders;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Instant;

/** Wakes up the workflows whose scheduled command is due. */
final class Timers implements Worker {
  private final PersistenceProvider provider;

  Timers(PersistenceProvider provider) {
    this.provider = provider;
  }

  @Override
  public boolean work() {
    return provider.processCommands(Instant.now(), this::handle).handled() > 0;
  }

  /**
   * If this throws, the command stays due: for a retry by this host, or for the host to which it
   * belongs.
   */
  private void handle(ScheduledCommand command) {
    if (command.commandName() != CommandName.PROCESS_WORKFLOW || !Ids.isOurs(command.data())) {
      throw new IllegalArgumentException("A command of another host");
    }
    wake(provider.getWorkflowInstance(command.data()));
  }

  /**
   * Writes the workflow even if it is awake. A runner may be about to put it to sleep and rely on
   * this command: its write then fails as stale, and it reads the workflow again.
   */
  private void wake(WorkflowInstance instance) {
    if (instance.status() == WorkflowStatus.RUNNABLE) {
      provider.persistWorkflow(instance.toBuilder().nextExecution(0L).build());
    }
  }
}
