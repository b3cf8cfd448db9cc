package dev.wfe.memory;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.modelled.CallContext;

/** Changes workflows as an operator does, without the operations of the provider. */
public final class MemoryOperator implements CallContext.Operator {
  private final InMemoryPersistenceProvider provider;

  public MemoryOperator(InMemoryPersistenceProvider provider) {
    this.provider = provider;
  }

  /** Does nothing if there is no such workflow. */
  @Override
  public void setStatus(String workflowId, WorkflowStatus status) {
    provider.tables.atomically(
        () -> {
          WorkflowRow row = provider.tables.workflow(workflowId);
          if (row != null) {
            WorkflowInstance changed =
                row.own().toBuilder()
                    .status(status)
                    .revision(MemoryRevision.ofNewVersion())
                    .build();
            provider.tables.put(
                new WorkflowRow(changed, row.lastPosition(), row.lastWrite(), row.lease()));
          }
        });
  }

  @Override
  public void delete(String workflowId) {
    provider.tables.atomically(() -> provider.tables.removeWorkflow(workflowId));
  }
}
