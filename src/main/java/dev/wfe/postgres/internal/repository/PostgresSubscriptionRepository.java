package dev.wfe.postgres.internal.repository;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.Topic;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.SubscriptionSql;
import dev.wfe.postgres.internal.transaction.ConflictingWrite;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Subscriptions in PostgreSQL. Thread-safe. */
public final class PostgresSubscriptionRepository implements SubscriptionRepository {
  private static final Duration MICROSECOND = Duration.ofNanos(1_000);

  /** Repetitions on an unchanged row after which a compare-and-set counts as suppressed. */
  private static final int MAX_UNCHANGED = 2;

  private final TransactionScope scope;
  private final SubscriptionSql sql;
  private final WorkSignals signals;

  /** Runs its operations in the scope. */
  PostgresSubscriptionRepository(TransactionScope scope, SubscriptionSql sql, WorkSignals signals) {
    this.scope = scope;
    this.sql = sql;
    this.signals = signals;
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    ValueLimits.check(subscription);
    EventSubscription stored =
        subscription.toBuilder().id(Arguments.idOrNew(subscription.id())).build();
    List<String> ids = List.of(stored.id());
    Operation operation =
        subscription.id().isEmpty()
            ? Operation.writing("createEventSubscription", ids)
            : Operation.repeatable("createEventSubscription", ids);
    scope.run(
        operation,
        statements ->
            statements.write(
                operation,
                ConflictingWrite.of(
                    sql.create,
                    false,
                    parameters -> SubscriptionSql.NEW.bind(parameters, List.of(stored)),
                    row -> stored.id(),
                    () -> duplicate(statements, stored.id()))));
    // Events may have become unprocessed, or it is an offer.
    signals.signalIf(true);
    return stored.id();
  }

  private Optional<StoreException> duplicate(StatementExecutor statements, String id)
      throws SQLException {
    return statements.first(
        sql.byId,
        parameters -> parameters.text("id", id),
        rows -> new DuplicateException(Subject.SUBSCRIPTION, "id", id));
  }

  @Override
  public List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf) {
    return open("getSubscriptions", eventName, eventKey, asOf, null);
  }

  @Override
  public List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit) {
    ValueLimits.checkLimit("getSubscriptions", limit);
    return open("getSubscriptions", eventName, eventKey, asOf, (long) limit);
  }

  @Override
  public Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf) {
    return open("getFirstOpenSubscription", eventName, eventKey, asOf, 1L).stream().findFirst();
  }

  private List<EventSubscription> open(
      String operation, String eventName, String eventKey, Instant asOf, @Nullable Long limit) {
    Optional<Instant> bound = Instants.atOrBefore(ValueLimits.nonNull(operation, "asOf", asOf));
    if (!Arguments.isStorable(operation, eventName, eventKey) || bound.isEmpty()) {
      return List.of();
    }
    NamedSql.Binder topic =
        parameters ->
            parameters
                .text("name", eventName)
                .text("key", eventKey)
                .text("asOf", Instants.text(bound.get()));
    ReadRows<EventSubscription> found =
        scope.run(
            Operation.reading(operation, List.of()), statements -> open(statements, topic, limit));
    return UnreadableRows.leaveOut(operation, found).stream()
        .limit(limit == null ? Long.MAX_VALUE : limit)
        .toList();
  }

  /**
   * Reads open subscriptions. Unreadable rows do not count towards the limit, so more rows are
   * requested to replace them.
   */
  private ReadRows<EventSubscription> open(
      StatementExecutor statements, NamedSql.Binder topic, @Nullable Long limit)
      throws SQLException {
    ReadRows<EventSubscription> found = query(statements, topic, limit);
    if (limit == null) {
      return found;
    }
    long requested = limit;
    while (found.readable().size() < limit && found.size() >= requested) {
      requested = limit + 2L * found.unreadable().size();
      found = query(statements, topic, requested);
    }
    return found;
  }

  private ReadRows<EventSubscription> query(
      StatementExecutor statements, NamedSql.Binder topic, @Nullable Long limit)
      throws SQLException {
    return statements.query(
        sql.open,
        parameters -> {
          topic.bind(parameters);
          parameters.bigint("limit", limit);
        },
        rows -> StoreFields.SUBSCRIPTION.readAll(rows, EventSubscription.Builder::build));
  }

  @Override
  public List<EventSubscription> getSubscriptions(Collection<Topic> topics, int limit) {
    String operation = "getSubscriptions";
    ValueLimits.nonNullElements(operation, "topics", topics);
    ValueLimits.checkLimit(operation, limit);
    List<Topic> wanted = topics.stream().distinct().filter(Arguments::isStorable).toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    ReadRows<EventSubscription> found =
        scope.run(
            Operation.reading(operation, List.of()),
            statements ->
                statements.query(
                    sql.openOfTopics,
                    parameters -> Arguments.bind(parameters, wanted).bigint("limit", (long) limit),
                    rows ->
                        StoreFields.SUBSCRIPTION.readAll(rows, EventSubscription.Builder::build)));
    if (found.unreadable().isEmpty()) {
      return found.readable();
    }
    // Unreadable rows do not count towards the limit, so the topics are read one by one.
    return wanted.stream()
        .flatMap(
            topic ->
                getSubscriptions(
                    topic.eventName(), topic.eventKey(), ValueLimits.MAX_INSTANT, limit)
                    .stream())
        .toList();
  }

  @Override
  public EventSubscription getSubscription(String id) {
    Arguments.requireStorable("getSubscription", Subject.SUBSCRIPTION, id);
    return scope
        .run(
            Operation.reading("getSubscription", List.of(id)),
            statements ->
                statements.first(
                    sql.byId,
                    parameters -> parameters.text("id", id),
                    row -> StoreFields.SUBSCRIPTION.read(row).build()))
        .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
  }

  @Override
  public void terminateSubscription(String id) {
    Arguments.requireStorable("terminateSubscription", Subject.SUBSCRIPTION, id);
    Operation operation = Operation.repeatable("terminateSubscription", List.of(id));
    scope.run(
        operation,
        statements ->
            statements.write(
                operation,
                ConflictingWrite.ofRow(
                    sql.terminate,
                    id,
                    () -> Arguments.missing(statements, sql.byId, Subject.SUBSCRIPTION, id))));
  }

  @Override
  public void terminateSubscription(String id, String token) {
    Arguments.requireStorable("terminateSubscription", Subject.SUBSCRIPTION, id);
    requireHeld(
        Operation.repeatable("terminateSubscription", List.of(id)), sql.terminateHeld, id, token);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    Arguments.requireStorable("setSubscriptionToken", Subject.SUBSCRIPTION, id);
    ValueLimits.checkExpiry(id, expiry);
    return setToken(id, token, workerId, expiry, null);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    Arguments.requireStorable("setSubscriptionToken", Subject.SUBSCRIPTION, id);
    ValueLimits.checkDuration("setSubscriptionToken", id, duration);
    long micros = duration.dividedBy(MICROSECOND);
    return setToken(id, token, workerId, null, micros);
  }

  private boolean setToken(
      String id, String token, String workerId, @Nullable Instant expiry, @Nullable Long micros) {
    ValueLimits.checkHold(id, token, workerId);
    return compareAndSet(
            Operation.writing("setSubscriptionToken", List.of(id)),
            sql.setToken,
            parameters ->
                parameters
                    .text("id", id)
                    .text("token", token)
                    .text("worker", workerId)
                    .text("expiry", Instants.text(expiry))
                    .bigint("micros", micros))
        .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
  }

  @Override
  public boolean renewSubscriptionToken(String id, String token, Duration duration) {
    Arguments.requireStorable("renewSubscriptionToken", Subject.SUBSCRIPTION, id);
    ValueLimits.nonNull("renewSubscriptionToken", "token", token);
    ValueLimits.checkDuration("renewSubscriptionToken", id, duration);
    if (!ValueLimits.isStorable(token)) {
      getSubscription(id);
      return false;
    }
    return compareAndSet(
            Operation.repeatable("renewSubscriptionToken", List.of(id)),
            sql.renewToken,
            parameters ->
                parameters
                    .text("id", id)
                    .text("token", token)
                    .bigint("micros", duration.dividedBy(MICROSECOND)))
        .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    Arguments.requireStorable("clearSubscriptionToken", Subject.SUBSCRIPTION, id);
    requireHeld(
        Operation.writing("clearSubscriptionToken", List.of(id)), sql.clearToken, id, token);
    signals.signalIf(true);
  }

  /** Runs a statement that only the holder of the token may run. */
  private void requireHeld(Operation operation, NamedSql statement, String id, String token) {
    ValueLimits.nonNull(operation.name(), "token", token);
    if (!ValueLimits.isStorable(token)) {
      getSubscription(id);
      throw new TokenMismatchException(id);
    }
    boolean done =
        compareAndSet(
                operation, statement, parameters -> parameters.text("id", id).text("token", token))
            .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
    if (!done) {
      throw new TokenMismatchException(id);
    }
  }

  /**
   * The result of a compare-and-set.
   *
   * @param done whether the change was made
   * @param rejected whether the state at the start of the statement does not allow the change
   * @param version the version of the row at the start of the statement
   */
  private record CompareAndSet(boolean done, boolean rejected, String version) {}

  /**
   * Returns whether the change was made; empty if there is no such subscription. If it was neither
   * made nor rejected, another transaction changed the row, or its token expired, during the
   * statement, and the statement is repeated. If the row then stays unchanged, something in the
   * database suppresses the change, and this is reported.
   */
  private Optional<Boolean> compareAndSet(
      Operation operation, NamedSql statement, NamedSql.Binder binder) {
    String lastVersion = "";
    for (int unchanged = 0; ; ) {
      Optional<CompareAndSet> swap =
          scope.run(
              operation,
              statements ->
                  statements.first(
                      statement,
                      binder,
                      row ->
                          new CompareAndSet(
                              row.getBoolean(1), row.getBoolean(2), row.getString(3))));
      if (swap.isEmpty() || swap.get().done() || swap.get().rejected()) {
        return swap.map(CompareAndSet::done);
      }
      unchanged = swap.get().version().equals(lastVersion) ? unchanged + 1 : 0;
      if (unchanged == MAX_UNCHANGED) {
        throw SqlErrors.suppressed(operation, null);
      }
      lastVersion = swap.get().version();
    }
  }

  @Override
  public Optional<EventSubscription> takeOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration) {
    String operation = "takeOffer";
    ValueLimits.checkOffer(eventName, eventKey, token, workerId, duration);
    if (!Arguments.isStorable(operation, eventName, eventKey)) {
      return Optional.empty();
    }
    while (true) {
      ReadRows<EventSubscription> taken =
          scope.run(
              Operation.repeatable(operation, List.of()),
              statements ->
                  statements.query(
                      sql.takeOffer,
                      parameters ->
                          parameters
                              .text("name", eventName)
                              .text("key", eventKey)
                              .text("token", token)
                              .text("worker", workerId)
                              .bigint("micros", duration.dividedBy(MICROSECOND)),
                      rows ->
                          StoreFields.SUBSCRIPTION.readAll(
                              rows, EventSubscription.Builder::build)));
      List<EventSubscription> readable = UnreadableRows.leaveOut(operation, taken);
      if (taken.unreadable().isEmpty() || !readable.isEmpty()) {
        return readable.stream().findFirst();
      }
    }
  }

  @Override
  public List<ItemResult<String>> terminateSubscriptions(List<String> ids) {
    String name = "terminateSubscriptions";
    ValueLimits.nonNullElements(name, "ids", ids);
    List<String> wanted = ids.stream().filter(ValueLimits::isStorable).distinct().toList();
    Set<String> ended =
        wanted.isEmpty()
            ? new HashSet<>()
            : scope.run(
                Operation.repeatable(name, wanted),
                statements ->
                    statements.one(
                        sql.terminateMany,
                        parameters -> parameters.texts("ids", wanted),
                        row -> new HashSet<>(List.of((String[]) row.getArray(1).getArray()))));
    return ids.stream()
        .<ItemResult<String>>map(
            id ->
                ended.remove(id)
                    ? new ItemResult.Written<>(id)
                    : new ItemResult.Refused<>(new NotFoundException(Subject.SUBSCRIPTION, id)))
        .toList();
  }
}
