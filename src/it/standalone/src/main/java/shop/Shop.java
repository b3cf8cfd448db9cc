package shop;

import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Persistence;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.hibernate.SessionFactory;

/** Places orders. Each order has a workflow that executes it. */
public final class Shop implements AutoCloseable {
  final SessionFactory sessions;
  final PostgresPersistenceProvider workflows;
  final WorkflowHost host;

  /** Waits for the payment, and stores the receipt in the transaction that ends the workflow. */
  final Workflow<Purchase> execution =
      Workflow.define("order", 1, Purchase.class)
          .await("payment", Purchase.PAID, Purchase::order, Purchase::paid)
          .runInTransaction(
              "book",
              (purchase, transaction) ->
                  transaction
                      .unwrap(EntityManager.class)
                      .find(Order.class, purchase.order())
                      .paid(purchase.receipt()))
          .build();

  private Shop(SessionFactory sessions) {
    this.sessions = sessions;
    workflows = PostgresPersistenceProvider.over(sessions);
    host = WorkflowHost.builder(workflows).workflow(execution).build();
  }

  /** Opens the shop in the database with the JDBC URL, and creates its tables. */
  public static Shop open(String url) {
    Flyway.configure().dataSource(url, null, null).load().migrate();
    Shop shop =
        new Shop(
            Persistence.createEntityManagerFactory(
                    "shop", Map.of("jakarta.persistence.jdbc.url", url))
                .unwrap(SessionFactory.class));
    shop.workflows.ensureStoreExists();
    shop.host.start();
    return shop;
  }

  /** Stores the order and its workflow in one transaction. */
  public String place(Order order) {
    return sessions.fromTransaction(
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
  public void pay(String order, String receipt) {
    host.publish(Purchase.PAID, order, receipt);
  }

  /**
   * The customers whose orders are being executed: joins the shop's entities and the store's in
   * JPQL.
   */
  public List<String> customersWaiting() {
    return sessions.fromSession(
        session ->
            session
                .createQuery(
                    "select o.customer from Order o join WorkflowEntity w on w.reference = o.id"
                        + " where w.status = 'Runnable' order by o.id",
                    String.class)
                .getResultList());
  }

  @Override
  public void close() {
    host.close();
    workflows.close();
    sessions.close();
  }
}
