package dev.wfe.postgres.internal.sql;

/**
 * All statements of one store. Thread-safe.
 *
 * @param workflows those that read workflows
 * @param workflowWrites those that write workflows
 * @param events those on events
 * @param subscriptions those on subscriptions
 * @param commands those on scheduled commands
 * @param maintenance those on errors and on the store as a whole
 */
public record StoreSql(
    WorkflowSql workflows,
    WorkflowWriteSql workflowWrites,
    EventSql events,
    SubscriptionSql subscriptions,
    CommandSql commands,
    MaintenanceSql maintenance) {
  /** Compiles the statements for the store. */
  public static StoreSql of(StoreNames names) {
    return new StoreSql(
        new WorkflowSql(names),
        new WorkflowWriteSql(names),
        new EventSql(names),
        new SubscriptionSql(names),
        new CommandSql(names),
        new MaintenanceSql(names));
  }
}
