package shop;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;

/** Places orders. Each order has a workflow that executes it. */
@Path("orders")
@RequestScoped
public class OrdersResource {
  @PersistenceContext(unitName = "shop")
  EntityManager entityManager;

  @Inject PersistenceProvider workflows;

  /** Stores the order and its workflow in one transaction. */
  @POST
  @Path("{id}")
  @Transactional
  public String place(@PathParam("id") String id, @QueryParam("customer") String customer) {
    entityManager.persist(new Order(id, customer));
    return workflows.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .reference(id)
            .data(JsonNodeFactory.instance.objectNode().put("customer", customer))
            .executionPointers(List.of(ExecutionPointer.builder(0).build()))
            .build());
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
  public String stale(@PathParam("id") String id, @QueryParam("workflow") String workflow) {
    WorkflowInstance read = workflows.getWorkflowInstance(workflow);
    workflows.persistWorkflow(read.toBuilder().status(WorkflowStatus.SUSPENDED).build());
    entityManager.persist(new Order(id, "Grace"));
    try {
      workflows.persistWorkflow(read.toBuilder().status(WorkflowStatus.COMPLETE).build());
      return "not noticed";
    } catch (StaleRevisionException stale) {
      return "stale";
    }
  }
}
