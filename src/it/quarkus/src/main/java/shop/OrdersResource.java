package shop;

import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.WorkflowRepository;
import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.time.Duration;

/** Places orders. Each order has a workflow that executes it. */
@Path("orders")
@RequestScoped
public class OrdersResource {
  @Inject EntityManager entityManager;

  @Inject WorkflowClient workflows;
  @Inject Workflow<Purchase> execution;
  @Inject WorkflowRepository store;

  /** Stores the order and its workflow in one transaction. */
  @POST
  @Path("{id}")
  @Transactional
  public String place(@PathParam("id") String id, @QueryParam("customer") String customer) {
    entityManager.persist(new Order(id, customer));
    Purchase purchase = new Purchase(id, null);
    StartOptions options = StartOptions.id(id).reference(id);
    return workflows.startWorkflow(execution, purchase, options).id();
  }

  /** Tells the order's workflow that it is paid. */
  @POST
  @Path("{id}/payment")
  public void pay(@PathParam("id") String id, @QueryParam("receipt") String receipt) {
    workflows.publish(Purchase.PAID, id, receipt);
  }

  /** Returns the receipt when the order's workflow has ended. */
  @GET
  @Path("{id}/receipt")
  public String receipt(@PathParam("id") String id) throws Exception {
    return workflows.awaitEnd(execution, id, Duration.ofMinutes(1)).data().receipt();
  }

  /** Joins both entities in one JPQL query. */
  @GET
  @Path("waiting")
  public String customersWaiting() {
    return String.join(
        ",",
        entityManager
            .createQuery(
                "select o.customer from Order o join WorkflowEntity w on w.reference = o.id"
                    + " where w.status = 'Runnable' order by o.id",
                String.class)
            .getResultList());
  }

  /** The data of the order's workflow, read with the application's entity manager. */
  @GET
  @Path("{id}/workflow")
  public String workflow(@PathParam("id") String id) {
    return entityManager
        .createQuery("select w from WorkflowEntity w where w.reference = :id", WorkflowEntity.class)
        .setParameter("id", id)
        .getSingleResult()
        .getData()
        .toPrettyString();
  }

  /** Fails at the end of the transaction because the item is out of stock. */
  @POST
  @Path("{id}/refused")
  @Transactional
  public String refuse(@PathParam("id") String id) {
    place(id, "Grace");
    throw new IllegalStateException("out of stock");
  }

  /** Persists a stale workflow, handles the exception and continues in the same transaction. */
  @POST
  @Path("{id}/stale")
  @Transactional
  public String stale(@PathParam("id") String id) {
    WorkflowInstance read = store.create(WorkflowInstance.builder("manual", 1).build());
    store.persistWorkflow(read.toBuilder().status(WorkflowStatus.SUSPENDED).build());
    entityManager.persist(new Order(id, "Grace"));
    try {
      store.persistWorkflow(read.toBuilder().status(WorkflowStatus.COMPLETE).build());
      return "not noticed";
    } catch (StaleRevisionException stale) {
      return "stale";
    }
  }
}
