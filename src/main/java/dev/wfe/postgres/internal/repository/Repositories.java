package dev.wfe.postgres.internal.repository;

import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.WorkListeners;
import jakarta.persistence.EntityManagerFactory;
import java.util.function.Supplier;

/**
 * The repositories of one provider, in one transaction scope. Thread-safe.
 *
 * @param workflows workflow instances
 * @param events events
 * @param subscriptions subscriptions
 * @param commands scheduled commands
 * @param leases leases of workflows and events
 * @param queries what finds and counts
 * @param hosts hosts that register themselves
 * @param retention deleting and exporting
 * @param maintenance execution errors, and emptying the store
 */
public record Repositories(
    PostgresWorkflowRepository workflows,
    PostgresEventRepository events,
    PostgresSubscriptionRepository subscriptions,
    PostgresCommandRepository commands,
    PostgresLeaseRepository leases,
    PostgresWorkflowQueries queries,
    PostgresHostRepository hosts,
    PostgresRetentionRepository retention,
    MaintenanceRepository maintenance) {
  /**
   * Creates repositories that run their operations in the scope.
   *
   * @param groups concurrent writes that share a commit
   * @param positions from which claims go on
   * @param listeners are told of due work
   * @param factory the session factory for queries over the entities; asked when one is executed
   */
  public static Repositories in(
      TransactionScope scope,
      StoreSql sql,
      WriteGroups groups,
      CommandLeases commandLeases,
      ClaimPositions positions,
      WorkListeners listeners,
      Supplier<? extends EntityManagerFactory> factory) {
    WorkSignals signals = new WorkSignals(scope, listeners);
    return new Repositories(
        new PostgresWorkflowRepository(
            scope, sql.workflows(), new WorkflowWriter(scope, sql, groups), signals),
        new PostgresEventRepository(scope, sql.events(), signals),
        new PostgresSubscriptionRepository(scope, sql.subscriptions(), signals),
        new PostgresCommandRepository(scope, sql.commands(), commandLeases),
        new PostgresLeaseRepository(
            scope, sql.leases(), new WorkflowClaims(scope, sql, positions), signals),
        new PostgresWorkflowQueries(scope, sql.limitedClaims(), factory),
        new PostgresHostRepository(scope, sql.hosts(), factory),
        new PostgresRetentionRepository(scope, sql.retention(), sql.workflows(), sql.events()),
        new MaintenanceRepository(scope, sql.maintenance()));
  }
}
