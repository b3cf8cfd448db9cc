package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.internal.sql.StoreSql;

/**
 * What implements the verbs, over one database. Thread-safe.
 *
 * @param workflows workflow instances
 * @param events events
 * @param subscriptions subscriptions
 * @param commands scheduled commands
 * @param maintenance errors, and the store as a whole
 */
public record Repositories(
    WorkflowStore workflows,
    EventStore events,
    SubscriptionStore subscriptions,
    CommandStore commands,
    MaintenanceStore maintenance) {
  /** Over the database. */
  public static Repositories over(Database database, StoreSql sql, Leases leases) {
    return new Repositories(
        new WorkflowStore(database, sql.workflows(), sql.workflowWrites()),
        new EventStore(database, sql.events()),
        new SubscriptionStore(database, sql.subscriptions()),
        new CommandStore(database, sql.commands(), leases),
        new MaintenanceStore(database, sql.maintenance()));
  }
}
