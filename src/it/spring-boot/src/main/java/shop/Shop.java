package shop;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import java.util.List;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The operations that run in one transaction. */
@Service
public class Shop {
  private final Orders orders;
  private final PersistenceProvider workflows;

  public Shop(Orders orders, PersistenceProvider workflows) {
    this.orders = orders;
    this.workflows = workflows;
  }

  /** Stores the order and its workflow in one transaction. */
  @Transactional
  public String place(Order order) {
    orders.save(order);
    return workflows.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .reference(order.id())
            .executionPointers(List.of(ExecutionPointer.builder(0).build()))
            .build());
  }

  /** Fails at the end of the transaction because the item is out of stock. */
  @Transactional
  public void refuse(Order order) {
    place(order);
    throw new IllegalStateException("out of stock");
  }

  /** Persists a stale workflow, handles the exception and continues in the same transaction. */
  @Transactional
  public boolean complete(WorkflowInstance read, Order order) {
    orders.save(order);
    try {
      workflows.persistWorkflow(read.toBuilder().status(WorkflowStatus.COMPLETE).build());
      return true;
    } catch (StaleRevisionException stale) {
      return false;
    }
  }
}
