package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.sql.LeaseSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Leases in PostgreSQL; see {@link LeaseSql} for the rules. Thread-safe. */
public final class PostgresLeaseRepository implements LeaseRepository {
  private final TransactionScope scope;
  private final LeaseSql sql;
  private final WorkflowClaims workflowClaims;
  private final WorkSignals signals;

  /** Runs its operations in the scope. */
  PostgresLeaseRepository(
      TransactionScope scope, LeaseSql sql, WorkflowClaims workflowClaims, WorkSignals signals) {
    this.scope = scope;
    this.sql = sql;
    this.workflowClaims = workflowClaims;
    this.signals = signals;
  }

  @Override
  public ClaimedWorkflows claimWorkflows(ClaimRequest request) {
    String operation = "claimWorkflows";
    scope.requireIndependent(operation);
    ValueLimits.check(operation, request);
    return workflowClaims.claim(operation, request);
  }

  private static List<DefinitionVersion> definitions(ClaimRequest request) {
    return request.definitions().stream().distinct().toList();
  }

  private static void bind(
      Parameters parameters, ClaimRequest request, List<DefinitionVersion> definitions, long epoch)
      throws SQLException {
    parameters
        .text("owner", request.owner())
        .bigint("epoch", epoch)
        .texts("definitions", definitions.stream().map(DefinitionVersion::definitionId).toList())
        .bigints(
            "versions",
            definitions.stream().map(definition -> (long) definition.version()).toList())
        .bigint("limit", (long) request.limit())
        .bigint("maxBytes", request.maxBytes());
    bindDuration(parameters, request.lease());
  }

  private static void bindDuration(Parameters parameters, Duration lease) throws SQLException {
    parameters.bigint("leaseMicros", TimeUnit.MICROSECONDS.convert(lease));
  }

  @Override
  public List<ClaimedEvent> claimEvents(ClaimRequest request) {
    String operation = "claimEvents";
    scope.requireIndependent(operation);
    ValueLimits.check(operation, request);
    long epoch = WorkflowClaims.newEpoch();
    ReadRows<Event> claimed =
        scope.run(
            Operation.repeatable(operation, List.of()),
            statements ->
                statements.query(
                    sql.claimEvents(request.limit()),
                    parameters -> bind(parameters, request, definitions(request), epoch),
                    rows -> StoreFields.EVENT.readAll(rows, Event.Builder::build)));
    return UnreadableRows.leaveOut(operation, claimed).stream()
        .map(
            event ->
                new ClaimedEvent(
                    new Claim(Subject.EVENT, event.id(), request.owner(), epoch), event))
        .toList();
  }

  @Override
  public Map<DefinitionVersion, DueWorkflow> getDueDefinitions() {
    return workflowClaims.dueDefinitions();
  }

  @Override
  public Set<Claim> renew(Collection<Claim> claims, Duration lease) {
    String operation = "renew";
    scope.requireIndependent(operation);
    ValueLimits.checkRenewal(claims, lease);
    if (claims.isEmpty()) {
      return Set.of();
    }
    return Set.copyOf(
        scope.run(
            Operation.repeatable(operation, ids(claims)),
            statements ->
                statements.all(
                    sql.renew,
                    parameters -> {
                      bind(parameters, claims);
                      bindDuration(parameters, lease);
                    },
                    row ->
                        new Claim(
                            row.getString("subject").equals(Subject.EVENT.label())
                                ? Subject.EVENT
                                : Subject.WORKFLOW,
                            row.getString("id"),
                            row.getString("owner"),
                            row.getLong("epoch")))));
  }

  @Override
  public void release(Collection<Claim> claims) {
    String operation = "release";
    scope.requireIndependent(operation);
    ValueLimits.checkRelease(claims);
    if (claims.isEmpty()) {
      return;
    }
    long released =
        scope.run(
            Operation.repeatable(operation, ids(claims)),
            statements ->
                statements.one(
                    sql.release, parameters -> bind(parameters, claims), row -> row.getLong(1)));
    signals.signalIf(released > 0);
  }

  private static List<String> ids(Collection<Claim> claims) {
    return claims.stream().map(Claim::id).distinct().toList();
  }

  private static void bind(Parameters parameters, Collection<Claim> claims) throws SQLException {
    bind(parameters, Subject.WORKFLOW, claims);
    bind(parameters, Subject.EVENT, claims);
  }

  private static void bind(Parameters parameters, Subject subject, Collection<Claim> claims)
      throws SQLException {
    String prefix = subject.label();
    List<Claim> given =
        claims.stream().filter(claim -> claim.subject() == subject).distinct().toList();
    parameters
        .texts(prefix + "Ids", given.stream().map(Claim::id).toList())
        .texts(prefix + "Owners", given.stream().map(Claim::owner).toList())
        .bigints(prefix + "Epochs", given.stream().map(Claim::epoch).toList());
  }
}
