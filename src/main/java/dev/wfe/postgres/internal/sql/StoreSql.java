package dev.wfe.postgres.internal.sql;

/**
 * All statements of one store. Thread-safe.
 *
 * @param workflows the statements that read workflows
 * @param creations the statement that creates a workflow
 * @param writes the statement that writes a workflow
 * @param batches the statement that writes many workflows
 * @param writeConflicts the query for the reason why a workflow was not written
 * @param events the statements on events
 * @param subscriptions the statements on subscriptions
 * @param commands the statements on scheduled commands
 * @param leases the statements on leases of workflows and events
 * @param claims the statements that claim workflows
 * @param limitedClaims the statement that claims workflows of a definition with limits
 * @param wakeUps the statements that tell hosts that work is due
 * @param hosts the statements that register hosts
 * @param retention the statements that delete and export
 * @param diagnosis the statements that examine server and tables
 * @param maintenance the statements on execution errors and on the whole store
 */
public record StoreSql(
    WorkflowSql workflows,
    WorkflowCreationSql creations,
    WorkflowWriteSql writes,
    WorkflowBatchSql batches,
    WriteConflictSql writeConflicts,
    EventSql events,
    SubscriptionSql subscriptions,
    CommandSql commands,
    LeaseSql leases,
    ClaimSql claims,
    LimitedClaimSql limitedClaims,
    WakeUpSql wakeUps,
    HostSql hosts,
    RetentionSql retention,
    DiagnosisSql diagnosis,
    MaintenanceSql maintenance) {
  /** Compiles the statements for the store. */
  public static StoreSql of(StoreNames names) {
    return new StoreSql(
        new WorkflowSql(names),
        new WorkflowCreationSql(names),
        new WorkflowWriteSql(names),
        new WorkflowBatchSql(names),
        new WriteConflictSql(names),
        new EventSql(names),
        new SubscriptionSql(names),
        new CommandSql(names),
        new LeaseSql(names),
        new ClaimSql(names),
        new LimitedClaimSql(names),
        new WakeUpSql(names),
        new HostSql(names),
        new RetentionSql(names),
        new DiagnosisSql(names),
        new MaintenanceSql(names));
  }
}
