package dev.wfe.postgres.internal.repository;

import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.TransactionScope;

/**
 * The repositories of one provider, in one transaction scope. Thread-safe.
 *
 * @param workflows workflow instances
 * @param events events
 * @param subscriptions subscriptions
 * @param commands scheduled commands
 * @param leases leases of workflows and events
 * @param maintenance execution errors, and emptying the store
 */
public record Repositories(
    PostgresWorkflowRepository workflows,
    PostgresEventRepository events,
    PostgresSubscriptionRepository subscriptions,
    PostgresCommandRepository commands,
    PostgresLeaseRepository leases,
    MaintenanceRepository maintenance) {
  /** Creates repositories that run their operations in the scope. */
  public static Repositories in(TransactionScope scope, StoreSql sql, CommandLeases commandLeases) {
    return new Repositories(
        new PostgresWorkflowRepository(scope, sql.workflows(), sql.workflowWrites()),
        new PostgresEventRepository(scope, sql.events()),
        new PostgresSubscriptionRepository(scope, sql.subscriptions()),
        new PostgresCommandRepository(scope, sql.commands(), commandLeases),
        new PostgresLeaseRepository(scope, sql.leases()),
        new MaintenanceRepository(scope, sql.maintenance()));
  }
}
