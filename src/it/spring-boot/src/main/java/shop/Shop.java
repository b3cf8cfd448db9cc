package shop;

import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The operations that run in one transaction. */
@Service
public class Shop {
  private final Orders orders;
  private final WorkflowClient workflows;
  private final Workflow<Purchase> execution;
  private final PersistenceProvider store;

  public Shop(
      Orders orders,
      WorkflowClient workflows,
      Workflow<Purchase> execution,
      PersistenceProvider store) {
    this.orders = orders;
    this.workflows = workflows;
    this.execution = execution;
    this.store = store;
  }

  /** Stores the order and its workflow in one transaction. */
  @Transactional
  public String place(Order order) {
    orders.save(order);
    Purchase purchase = new Purchase(order.id(), null);
    StartOptions options = StartOptions.id(order.id()).reference(order.id());
    return workflows.startWorkflow(execution, purchase, options).id();
  }

  /** Tells the order's workflow that it is paid. */
  public void pay(String order, String receipt) {
    workflows.publish(Purchase.PAID, order, receipt);
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
      store.persistWorkflow(read.toBuilder().status(WorkflowStatus.COMPLETE).build());
      return true;
    } catch (StaleRevisionException stale) {
      return false;
    }
  }
}
