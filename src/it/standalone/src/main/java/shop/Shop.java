package shop;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.Persistence;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.hibernate.SessionFactory;

/** Places orders. Each order has a workflow that executes it. */
public final class Shop implements AutoCloseable {
  final SessionFactory sessions;
  final PostgresPersistenceProvider workflows;

  private Shop(SessionFactory sessions) {
    this.sessions = sessions;
    workflows = PostgresPersistenceProvider.over(sessions);
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
    return shop;
  }

  /** Stores the order and its workflow in one transaction. */
  public String place(Order order) {
    return sessions.fromTransaction(
        session -> {
          session.persist(order);
          return workflows
              .within(session)
              .createNewWorkflow(
                  WorkflowInstance.builder("order", 1)
                      .reference(order.id())
                      .executionPointers(List.of(ExecutionPointer.builder(0).build()))
                      .build());
        });
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
    workflows.close();
    sessions.close();
  }
}
