package dev.wfe.cli;

import dev.wfe.cli.orders.Order;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Checks the tables for rows of the given orders: completed orders must leave no subscriptions,
 * commands, leases or unprocessed events, and each failure must be recorded. Ignores all other
 * rows. Thread-safe.
 */
final class LeftoverCheck {
  private static final int BATCH = 500;

  private final EntityManagerFactory factory;
  private final List<Order> orders;

  LeftoverCheck(EntityManagerFactory factory, List<Order> orders) {
    this.factory = factory;
    this.orders = orders;
  }

  /**
   * The rows that the workers still have to process or delete, a sentence for each; empty if there
   * are none.
   */
  List<String> leftovers() {
    List<String> differences = new ArrayList<>();
    inBatches(
        (entities, batch) -> {
          addLeftovers(entities, workflowIds(batch), differences);
          addUnprocessed(entities, batch, differences);
        });
    return differences;
  }

  /** The failures that were not recorded, a sentence for each; empty if all were recorded. */
  List<String> unrecorded() {
    List<String> differences = new ArrayList<>();
    inBatches((entities, batch) -> addUnrecorded(entities, batch, differences));
    return differences;
  }

  private void inBatches(BiConsumer<EntityManager, List<Order>> look) {
    try (EntityManager entities = factory.createEntityManager()) {
      for (int from = 0; from < orders.size(); from += BATCH) {
        look.accept(entities, orders.subList(from, Math.min(from + BATCH, orders.size())));
      }
    }
  }

  private static List<String> workflowIds(List<Order> orders) {
    return orders.stream().map(Order::workflowId).toList();
  }

  /**
   * A token is a column of a subscription, so there are no tokens if there are no subscriptions.
   */
  private static void addLeftovers(
      EntityManager entities, List<String> workflowIds, List<String> differences) {
    texts(
            entities,
            "select s.id from EventSubscriptionEntity s where s.workflowId in :ids",
            workflowIds)
        .forEach(id -> differences.add("Subscription %s was not deleted".formatted(id)));
    texts(
            entities,
            "select l.workflowId from WorkflowLeaseEntity l where l.workflowId in :ids",
            workflowIds)
        .forEach(id -> differences.add("The lease on workflow %s was not released".formatted(id)));
    texts(
            entities,
            "select e.id from EventEntity e where e.processed = false and e.eventKey in"
                + " (select p.id from ExecutionPointerEntity p where p.workflowId in :ids)",
            workflowIds)
        .forEach(id -> differences.add("Event %s is not processed".formatted(id)));
    texts(entities, "select c.data from ScheduledCommandEntity c where c.data in :ids", workflowIds)
        .forEach(id -> differences.add("A command for workflow %s was not deleted".formatted(id)));
  }

  private static void addUnprocessed(
      EntityManager entities, List<Order> batch, List<String> differences) {
    List<String> expected = new ArrayList<>();
    for (Order order : batch) {
      expected.add(order.paymentId());
    }
    Set<String> processed =
        new HashSet<>(
            texts(
                entities,
                "select e.id from EventEntity e where e.id in :ids and e.processed = true",
                expected));
    expected.stream()
        .filter(id -> !processed.contains(id))
        .forEach(id -> differences.add("Event %s is not processed".formatted(id)));
  }

  private static void addUnrecorded(
      EntityManager entities, List<Order> batch, List<String> differences) {
    List<String> expected =
        workflowIds(batch.stream().filter(order -> order.failsOnceAt() != null).toList());
    Set<String> recorded =
        new HashSet<>(
            texts(
                entities,
                "select x.workflowId from ExecutionErrorEntity x where x.workflowId in :ids",
                expected));
    expected.stream()
        .filter(id -> !recorded.contains(id))
        .forEach(id -> differences.add("The error of workflow %s was not recorded".formatted(id)));
  }

  private static List<String> texts(EntityManager entities, String query, List<String> ids) {
    return entities.createQuery(query, String.class).setParameter("ids", ids).getResultList();
  }
}
