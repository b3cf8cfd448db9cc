package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Priority;
import dev.wfe.persistence.Claim;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.InstanceRows;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.repository.ClaimPositions.Place;
import dev.wfe.postgres.internal.repository.ClaimPositions.Places;
import dev.wfe.postgres.internal.repository.ClaimPositions.Queue;
import dev.wfe.postgres.internal.sql.ClaimSql;
import dev.wfe.postgres.internal.sql.LimitedClaimSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Claims of workflows. Those of definitions without limits share one statement; each definition
 * with limits has a statement of its own, which gets its share of what is wanted. Thread-safe.
 */
final class WorkflowClaims {
  private static final Duration MICROSECOND = Duration.ofNanos(1_000);

  /** How often a claim is attempted of which others take everything. */
  private static final int MAX_ATTEMPTS = 3;

  private static final int MIN_BACKLOG = 16;

  /** When to claim again after another claim decided about the limits, or keys were passed over. */
  private static final long MAX_RETRY_MILLIS = 10;

  private final TransactionScope scope;
  private final ClaimSql sql;
  private final LimitedClaimSql limited;
  private final ClaimPositions positions;

  /** Behind which place to look next for keys that a limit allows, by definition. */
  private final Map<String, Place> passedOver = new ConcurrentHashMap<>();

  WorkflowClaims(TransactionScope scope, StoreSql sql, ClaimPositions positions) {
    this.scope = scope;
    this.sql = sql.claims();
    this.limited = sql.limitedClaims();
    this.positions = positions;
  }

  /** A claimed workflow with its place in the order of priorities and due times. */
  private record Ranked(long rank, ClaimedWorkflow workflow) {}

  /**
   * The result of one statement.
   *
   * @param time the database's time
   * @param took how long it took on the server
   * @param found how many due workflows it found; others may have leased some of them
   * @param millisUntilNextDue null if something was claimed or nothing is scheduled
   * @param last the last workflow that was looked at, if limits did not allow enough of them
   */
  private record Claimed(
      Instant time,
      Duration took,
      int found,
      ReadRows<Ranked> workflows,
      @Nullable Long millisUntilNextDue,
      @Nullable Place last) {
    /** Whether it found as much as it asked for, and more may be due. Few are no backlog. */
    boolean isFull(int limit) {
      return found >= Math.max(MIN_BACKLOG, limit);
    }

    /** Whether nothing was claimed, although something may be due. */
    boolean isInVain(@Nullable Places places) {
      return workflows.readable().isEmpty()
          && workflows.unreadable().isEmpty()
          && (places == null ? found > 0 : places.isOfBacklog());
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

  /** Returns a number that no other call returns, except with negligible probability. */
  static long newEpoch() {
    return ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
  }

  /** The definitions of which a workflow is due, with the earliest one. */
  Map<DefinitionVersion, DueWorkflow> dueDefinitions() {
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

  /** Claims what the request asks for; see {@code LeaseRepository}. */
  ClaimedWorkflows claim(String operation, ClaimRequest request) {
    Map<String, List<DefinitionVersion>> withLimits = new HashMap<>();
    List<DefinitionVersion> others = new ArrayList<>();
    for (DefinitionVersion definition : request.definitions().stream().distinct().toList()) {
      ClaimLimits limits = request.limits().get(definition.definitionId());
      (limits != null && limits.isLimit()
              ? withLimits.computeIfAbsent(definition.definitionId(), id -> new ArrayList<>())
              : others)
          .add(definition);
    }
    if (withLimits.isEmpty()) {
      return claimOthers(operation, request, others);
    }
    List<Map.Entry<String, List<DefinitionVersion>>> limitedOnes =
        new ArrayList<>(withLimits.entrySet());
    Collections.shuffle(limitedOnes, ThreadLocalRandom.current());
    return claimInTurn(operation, request, limitedOnes, others);
  }

  /** Each definition gets its share; the last part gets what the others have left. */
  private ClaimedWorkflows claimInTurn(
      String operation,
      ClaimRequest request,
      List<Map.Entry<String, List<DefinitionVersion>>> limitedOnes,
      List<DefinitionVersion> others) {
    List<ClaimedWorkflows> results = new ArrayList<>();
    int left = request.limit();
    int parts = limitedOnes.size() + (others.isEmpty() ? 0 : 1);
    long maxBytes = Math.max(1, request.maxBytes() / parts);
    try {
      for (Map.Entry<String, List<DefinitionVersion>> one : limitedOnes) {
        int share = (left + parts - 1) / parts;
        if (share > 0) {
          ClaimedWorkflows result =
              claimLimited(operation, part(request, share, maxBytes), one.getKey(), one.getValue());
          left -= result.workflows().size();
          results.add(result);
        }
        parts--;
      }
      if (left > 0 && !others.isEmpty()) {
        results.add(claimOthers(operation, part(request, left, maxBytes), others));
      }
    } catch (StoreException failure) {
      // What was claimed before is not given up for it. If it lasts, the next claim fails.
      if (results.stream().allMatch(result -> result.workflows().isEmpty())) {
        throw failure;
      }
    }
    return together(results);
  }

  private static ClaimRequest part(ClaimRequest request, int limit, long maxBytes) {
    return new ClaimRequest(
        request.owner(), request.definitions(), limit, maxBytes, request.lease(), request.limits());
  }

  private static ClaimedWorkflows together(List<ClaimedWorkflows> results) {
    List<ClaimedWorkflow> workflows =
        results.stream()
            .flatMap(result -> result.workflows().stream())
            .sorted(
                Comparator.comparing((ClaimedWorkflow claimed) -> claimed.workflow().priority())
                    .thenComparingLong(claimed -> Place.of(claimed).dueTime()))
            .toList();
    return new ClaimedWorkflows(
        results.get(results.size() - 1).time(),
        workflows,
        workflows.isEmpty()
            ? results.stream()
                .map(ClaimedWorkflows::untilNextDue)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null)
            : null);
  }

  private ClaimedWorkflows claimOthers(
      String operation, ClaimRequest request, List<DefinitionVersion> definitions) {
    for (int attempt = 1; ; attempt++) {
      Places places = positions.next(definitions);
      Claimed claimed =
          run(
              operation,
              request,
              newEpoch(),
              sql.claim(definitions.size(), request.limit(), places != null),
              definitions,
              queue -> places == null ? Place.BEGINNING : places.in(queue),
              parameters -> {});
      ClaimedWorkflows result = claimed.toResult();
      positions.claimed(
          definitions, places, result, claimed.isFull(request.limit()), claimed.took());
      if (!claimed.isInVain(places) || attempt == MAX_ATTEMPTS) {
        return result;
      }
    }
  }

  /**
   * Claims workflows of a definition with limits. If the first ones that are due are not allowed,
   * because as many with the same keys as possible are executed, it looks once behind them; the
   * next call goes on from there.
   */
  private ClaimedWorkflows claimLimited(
      String operation, ClaimRequest request, String id, List<DefinitionVersion> versions) {
    Claimed first = claimLimited(operation, request, id, versions, Place.BEGINNING);
    ClaimedWorkflows result = first.toResult();
    if (first.found() == LimitedClaimSql.LOCKED) {
      return withRetry(result);
    }
    int left = request.limit() - result.workflows().size();
    if (first.last() == null || left == 0) {
      return result;
    }
    Place behind = Place.later(first.last(), passedOver.getOrDefault(id, Place.BEGINNING));
    Claimed second =
        claimLimited(operation, part(request, left, request.maxBytes()), id, versions, behind);
    if (second.last() == null) {
      passedOver.remove(id);
    } else {
      passedOver.put(id, second.last());
    }
    ClaimedWorkflows both = together(List.of(result, second.toResult()));
    return second.last() == null ? both : withRetry(both);
  }

  private static ClaimedWorkflows withRetry(ClaimedWorkflows result) {
    long millis = ThreadLocalRandom.current().nextLong(MAX_RETRY_MILLIS / 2, MAX_RETRY_MILLIS);
    return result.workflows().isEmpty()
        ? new ClaimedWorkflows(result.time(), List.of(), Duration.ofMillis(millis))
        : result;
  }

  private Claimed claimLimited(
      String operation,
      ClaimRequest request,
      String id,
      List<DefinitionVersion> versions,
      Place behind) {
    ClaimLimits limits = Objects.requireNonNull(request.limits().get(id));
    ClaimLimits.Rate rate = limits.rate();
    long epoch = newEpoch();
    Claimed claimed =
        run(
            operation,
            request,
            epoch,
            limited.claim(request.limit(), rate != null),
            versions,
            queue -> behind,
            parameters -> {
              parameters
                  .text("limited", id)
                  .bigint("atATime", nullable(limits.atATime()))
                  .bigint("atATimePerKey", nullable(limits.atATimePerKey()));
              if (rate != null) {
                parameters
                    .bigint("rate", (long) rate.count())
                    .bigint("periodMicros", TimeUnit.MICROSECONDS.convert(rate.period()));
              }
            });
    if (!claimed.workflows().unreadable().isEmpty()) {
      stopCounting(operation, request.owner(), epoch, id, claimed);
    }
    return claimed;
  }

  /** Nobody executes what cannot be read. Its lease stays, so that it is not claimed at once. */
  private void stopCounting(
      String operation, String owner, long epoch, String definitionId, Claimed claimed) {
    List<String> readable =
        claimed.workflows().readable().stream()
            .map(ranked -> ranked.workflow().workflow().id())
            .toList();
    int unused =
        scope.run(
            Operation.repeatable(operation, List.of()),
            statements ->
                statements.update(
                    limited.stopCounting,
                    parameters ->
                        parameters
                            .text("limited", definitionId)
                            .text("owner", owner)
                            .bigint("epoch", epoch)
                            .texts("counted", readable)));
  }

  private static @Nullable Long nullable(@Nullable Integer number) {
    return number == null ? null : Long.valueOf(number);
  }

  private Claimed run(
      String operation,
      ClaimRequest request,
      long epoch,
      NamedSql statement,
      List<DefinitionVersion> definitions,
      Function<Queue, Place> behind,
      NamedSql.Binder more) {
    List<Queue> queues = definitions.stream().flatMap(WorkflowClaims::queues).toList();
    return scope.run(
        Operation.repeatable(operation, List.of()),
        statements ->
            statements.query(
                statement,
                parameters -> {
                  bind(parameters, request, queues, queues.stream().map(behind).toList());
                  parameters.bigint("epoch", epoch);
                  more.bind(parameters);
                },
                rows -> read(rows, request.owner(), epoch)));
  }

  /** The highest priority first. */
  private static Stream<Queue> queues(DefinitionVersion definition) {
    return Stream.of(Priority.values()).map(priority -> new Queue(definition, priority));
  }

  private static void bind(
      Parameters parameters, ClaimRequest request, List<Queue> queues, List<Place> places)
      throws SQLException {
    parameters
        .text("owner", request.owner())
        .texts("definitions", queues.stream().map(q -> q.definition().definitionId()).toList())
        .bigints("versions", queues.stream().map(q -> (long) q.definition().version()).toList())
        .bigints("priorities", queues.stream().map(q -> (long) q.priority().number()).toList())
        .bigints("afterTimes", places.stream().map(Place::dueTime).toList())
        .texts("afterIds", places.stream().map(Place::id).toList())
        .bigint("limit", (long) request.limit())
        .bigint("maxBytes", request.maxBytes())
        .bigint("leaseMicros", TimeUnit.MICROSECONDS.convert(request.lease()));
  }

  private static Claimed read(ResultSet rows, String owner, long epoch) throws SQLException {
    InstanceRows<Ranked> instances =
        new InstanceRows<>(
            rows,
            ClaimSql.WORKFLOW_COLUMNS,
            ClaimSql.POINTER_COLUMNS,
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
    Place last = null;
    while (rows.next()) {
      if (time == null) {
        time = InstantColumn.read(rows, rows.findColumn("time"));
        took = MICROSECOND.multipliedBy(rows.getLong("micros"));
        found = rows.getInt("found");
        String lastId = rows.getString("last_id");
        last = lastId == null ? null : new Place(rows.getLong("last_due_time"), lastId);
      }
      if ("".equals(rows.getString("revision"))) {
        long millis = rows.getLong("until_next_due");
        millisUntilNextDue = rows.wasNull() ? null : millis;
      } else {
        instances.add();
      }
    }
    return new Claimed(
        Objects.requireNonNull(time), took, found, instances.result(), millisUntilNextDue, last);
  }
}
