package dev.wfe.postgres.modelled;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.memory.MemoryTables;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.util.List;

/** The same as {@link SqlOperator}, for the in-memory provider. */
public final class MemoryOperator implements CallContext.Operator {
  private final MemoryTables tables;
  private final PersistenceProvider store;

  public MemoryOperator(MemoryTables tables) {
    this.tables = tables;
    store = new InMemoryPersistenceProvider(tables);
  }

  /** An update of no row is no failure. */
  @Override
  public void setStatus(String workflowId, WorkflowStatus status) {
    for (WorkflowInstance found : store.getWorkflowInstances(List.of(workflowId))) {
      store.persistWorkflow(found.toBuilder().status(status).revision(null).build());
    }
  }

  @Override
  public void delete(String workflowId) {
    tables.deleteWorkflow(workflowId);
  }
}
