package shop;

import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
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
  @Inject WorkflowHost host;
  @Inject Workflow<Purchase> execution;

  /** Stores the order and its workflow in one transaction. */
  String place(Order order) {
    return entities
        .unwrap(SessionFactory.class)
        .fromTransaction(
            session -> {
              session.persist(order);
              return host.using(workflows.within(session))
                  .startWorkflow(
                      execution,
                      new Purchase(order.id(), null),
                      StartOptions.id(order.id()).reference(order.id()))
                  .id();
            });
  }

  /** Tells the order's workflow that it is paid. */
  void pay(String order, String receipt) {
    host.publish(Purchase.PAID, order, receipt);
  }

  void inTransaction(Consumer<Session> work) {
    entities.unwrap(SessionFactory.class).inTransaction(work);
  }

  PostgresPersistenceProvider workflows() {
    return workflows;
  }

  WorkflowHost host() {
    return host;
  }

  Workflow<Purchase> execution() {
    return execution;
  }
}
