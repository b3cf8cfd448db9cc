package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedEvent;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.LeaseRepository;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.repository.ClaimPositions.Place;
import dev.wfe.postgres.internal.sql.LeaseSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Leases in PostgreSQL; see {@link LeaseSql} for the rules. Thread-safe. */
public final class PostgresLeaseRepository implements LeaseRepository {
  private static final Duration MICROSECOND = Duration.ofNanos(1_000);

  /** How often a claim is attempted of which others take everything. */
  private static final int MAX_ATTEMPTS = 3;

  private static final int MIN_BACKLOG = 16;

  private final TransactionScope scope;
  private final LeaseSql sql;
  private final WorkSignals signals;
  private final ClaimPositions positions;

  /** Runs its operations in the scope. */
  PostgresLeaseRepository(
      TransactionScope scope, LeaseSql sql, WorkSignals signals, ClaimPositions positions) {
    this.scope = scope;
    this.sql = sql;
    this.signals = signals;
    this.positions = positions;
  }

  /** A claimed workflow with its place in the order of due times. */
  private record Ranked(long rank, ClaimedWorkflow workflow) {}

  /**
   * The result of a claim.
   *
   * @param time the database's time
   * @param took how long it took on the server
   * @param found how many due workflows it found; others may have leased some of them
   * @param millisUntilNextDue null if something was claimed or nothing is scheduled
   */
  private record Claimed(
      Instant time,
      Duration took,
      int found,
      ReadRows<Ranked> workflows,
      @Nullable Long millisUntilNextDue) {
    /** Whether it found as much as it asked for, and more may be due. Few are no backlog. */
    boolean isFull(ClaimRequest request) {
      return found >= Math.max(MIN_BACKLOG, request.limit());
    }

    /** Whether nothing was claimed, although something may be due. */
    boolean isInVain(@Nullable Place place) {
      return workflows.readable().isEmpty()
          && workflows.unreadable().isEmpty()
          && (place == null ? found > 0 : place.isOfBacklog());
    }

    ClaimedWorkflows toResult() {
      return new ClaimedWorkflows(
          time,
          UnreadableRows.leaveOut("claimWorkflows", workflows).stream()
              .sorted(Comparator.comparingLong(Ranked::rank))
              .map(Ranked::workflow)
              .toList(),
          millisUntilNextDue == null ? null : Duration.ofMillis(millisUntilNextDue));
    }
  }

  @Override
  public ClaimedWorkflows claimWorkflows(ClaimRequest request) {
    String operation = "claimWorkflows";
    scope.requireIndependent(operation);
    ValueLimits.check(operation, request);
    List<DefinitionVersion> definitions = definitions(request);
    for (int attempt = 1; ; attempt++) {
      Place place = positions.next(definitions);
      Claimed claimed = claimBehind(place, operation, request, definitions);
      ClaimedWorkflows result = claimed.toResult();
      positions.claimed(definitions, place, result, claimed.isFull(request), claimed.took());
      if (!claimed.isInVain(place) || attempt == MAX_ATTEMPTS) {
        return result;
      }
    }
  }

  private Claimed claimBehind(
      @Nullable Place place,
      String operation,
      ClaimRequest request,
      List<DefinitionVersion> definitions) {
    long epoch = newEpoch();
    return scope.run(
        Operation.repeatable(operation, List.of()),
        statements ->
            statements.query(
                sql.claimWorkflows(definitions.size(), request.limit(), place != null),
                parameters -> {
                  bind(parameters, request, definitions, epoch);
                  if (place != null) {
                    parameters.bigint("dueTime", place.dueTime()).text("id", place.id());
                  }
                },
                rows -> read(rows, request.owner(), epoch)));
  }

  /** Returns a number that no other call returns, except with negligible probability. */
  private static long newEpoch() {
    return ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
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

  private static Claimed read(ResultSet rows, String owner, long epoch) throws SQLException {
    InstanceRows<Ranked> instances =
        new InstanceRows<>(
            rows,
            LeaseSql.WORKFLOW_COLUMNS,
            LeaseSql.POINTER_COLUMNS,
            row -> {
              long lastPosition = row.getLong("last_position");
              long rank = row.getLong("rank");
              int attempt = row.getInt("attempt");
              return stored ->
                  new Ranked(
                      rank,
                      new ClaimedWorkflow(
                          new Claim(Subject.WORKFLOW, stored.instance().id(), owner, epoch),
                          attempt,
                          PostgresRevision.livePart(stored, lastPosition)));
            });
    Instant time = null;
    Duration took = Duration.ZERO;
    int found = 0;
    Long millisUntilNextDue = null;
    while (rows.next()) {
      if (time == null) {
        time = InstantColumn.read(rows, rows.findColumn("time"));
        took = MICROSECOND.multipliedBy(rows.getLong("micros"));
        found = rows.getInt("found");
      }
      if ("".equals(rows.getString("revision"))) {
        long millis = rows.getLong("until_next_due");
        millisUntilNextDue = rows.wasNull() ? null : millis;
      } else {
        instances.add();
      }
    }
    return new Claimed(
        Objects.requireNonNull(time), took, found, instances.result(), millisUntilNextDue);
  }

  @Override
  public List<ClaimedEvent> claimEvents(ClaimRequest request) {
    String operation = "claimEvents";
    scope.requireIndependent(operation);
    ValueLimits.check(operation, request);
    long epoch = newEpoch();
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
    Map<DefinitionVersion, DueWorkflow> due = new HashMap<>();
    scope
        .run(
            Operation.reading("getDueDefinitions", List.of()),
            statements ->
                statements.all(
                    sql.dueDefinitions,
                    parameters -> {},
                    row ->
                        Map.entry(
                            new DefinitionVersion(row.getString(1), row.getInt(2)),
                            new DueWorkflow(row.getString(3), row.getLong(4)))))
        .forEach(found -> due.put(found.getKey(), found.getValue()));
    return due;
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
