package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostChecks;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostRepository;
import dev.wfe.persistence.RegisteredHost;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.HostedDefinitions;
import dev.wfe.postgres.internal.mapping.QueryRows;
import dev.wfe.postgres.internal.sql.HostQuery;
import dev.wfe.postgres.internal.sql.HostSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Tuple;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Hosts in PostgreSQL. Hosts write with native statements, so that they need not start Hibernate;
 * people read by queries over the entities. Thread-safe.
 */
public final class PostgresHostRepository implements HostRepository {
  private final TransactionScope scope;
  private final HostSql sql;
  private final Supplier<? extends EntityManagerFactory> factory;

  /**
   * Runs its operations in the scope.
   *
   * @param factory the session factory; asked by each operation that reads
   */
  PostgresHostRepository(
      TransactionScope scope, HostSql sql, Supplier<? extends EntityManagerFactory> factory) {
    this.scope = scope;
    this.sql = sql;
    this.factory = factory;
  }

  @Override
  public void registerHost(HostRegistration host) {
    HostChecks.check(host);
    Operation operation = Operation.repeatable("registerHost", List.of(host.id()));
    int written =
        scope.run(
            operation,
            statements ->
                statements.update(
                    sql.register,
                    parameters ->
                        parameters
                            .text("id", host.id())
                            .text("name", host.name())
                            .text("version", host.version())
                            .bigint("ageMicros", TimeUnit.MICROSECONDS.convert(host.age()))
                            .bigint(
                                "validityMicros", TimeUnit.MICROSECONDS.convert(host.validity()))
                            .text("definitions", HostedDefinitions.text(host.definitions()))));
    if (written != 1) {
      throw SqlErrors.suppressed(operation, null);
    }
  }

  @Override
  public boolean removeHost(String id) {
    HostChecks.checkRemoval(id);
    return ValueLimits.isStorable(id)
        && scope.run(
            Operation.repeatable("removeHost", List.of(id)),
            statements ->
                statements.update(sql.remove, parameters -> parameters.text("id", id)) == 1);
  }

  @Override
  public List<RegisteredHost> getHosts(int limit) {
    HostChecks.checkList(limit);
    return hosts("getHosts", new HostQuery(null), limit);
  }

  @Override
  public List<RegisteredHost> getLiveHosts(DefinitionVersion definition, int limit) {
    HostChecks.checkList(definition, limit);
    return hosts("getLiveHosts", new HostQuery(definition), limit);
  }

  private List<RegisteredHost> hosts(String operation, HostQuery query, int limit) {
    EntityManagerFactory entities = factory.get();
    List<Tuple> found =
        scope.run(
            Operation.reading(operation, List.of()),
            statements ->
                statements.entities(entities, session -> query.rows(session, null, limit)));
    return UnreadableRows.leaveOut(operation, QueryRows.hosts(found));
  }
}
