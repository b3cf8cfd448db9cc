package shop;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManagerFactory;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.SessionFactory;

/** Places orders. Each order has a workflow that executes it. */
@ApplicationScoped
class Shop {
  @Inject EntityManagerFactory entities;
  @Inject PostgresPersistenceProvider workflows;

  /** Stores the order and its workflow in one transaction. */
  String place(Order order) {
    return entities
        .unwrap(SessionFactory.class)
        .fromTransaction(
            session -> {
              session.persist(order);
              return workflows
                  .within(session)
                  .createNewWorkflow(
                      WorkflowInstance.builder("order", 1).reference(order.id()).build());
            });
  }

  void inTransaction(Consumer<Session> work) {
    entities.unwrap(SessionFactory.class).inTransaction(work);
  }

  PostgresPersistenceProvider workflows() {
    return workflows;
  }
}
