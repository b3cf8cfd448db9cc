package dev.wfe.postgres.internal.store;

import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionRepository;
import dev.wfe.persistence.TokenMismatchException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.SubscriptionRows;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import dev.wfe.postgres.internal.sql.SubscriptionSql;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Subscriptions in PostgreSQL. Thread-safe. */
public final class SubscriptionStore implements SubscriptionRepository {
  private static final Duration MICROSECOND = Duration.ofNanos(1_000);

  /** How often a compare-and-set that changed nothing may see the row as it was the time before. */
  private static final int MAX_UNCHANGED = 2;

  private final Database database;
  private final SubscriptionSql sql;

  /** Over the database. */
  public SubscriptionStore(Database database, SubscriptionSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    ValueLimits.check(subscription);
    EventSubscription stored = subscription.toBuilder().id(Ids.orNew(subscription.id())).build();
    return database.write(
        "createEventSubscription",
        !subscription.id().isEmpty(),
        List.of(stored.id()),
        statements ->
            ConflictingWrite.run(
                "createEventSubscription",
                List.of(stored.id()),
                last ->
                    new Statements.Attempt<>(
                        statements.first(
                            sql.create,
                            parameters ->
                                SubscriptionSql.SUBSCRIPTION.bindRows(
                                    parameters,
                                    SubscriptionSql.NEW,
                                    List.of(SubscriptionRows.row(stored))),
                            rows -> stored.id()),
                        Optional.empty()),
                () -> taken(statements, stored.id())));
  }

  private Optional<StoreException> taken(Statements statements, String id) throws SQLException {
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
      String verb, String eventName, String eventKey, Instant asOf, @Nullable Long limit) {
    Optional<Instant> bound = Instants.atOrBefore(ValueLimits.nonNull(verb, "asOf", asOf));
    if (!Topics.isStorable(verb, eventName, eventKey) || bound.isEmpty()) {
      return List.of();
    }
    NamedSql.Binder topic =
        parameters ->
            parameters
                .text("name", eventName)
                .text("key", eventKey)
                .text("asOf", Instants.text(bound.get()));
    ReadRows<EventSubscription> found =
        database.read(verb, List.of(), statements -> open(statements, topic, limit));
    return UnreadableRows.leaveOut(verb, found).stream()
        .limit(limit == null ? Long.MAX_VALUE : limit)
        .toList();
  }

  /** Rows that cannot be read do not count for the limit, so more are asked for instead. */
  private ReadRows<EventSubscription> open(
      Statements statements, NamedSql.Binder topic, @Nullable Long limit) throws SQLException {
    ReadRows<EventSubscription> found = ask(statements, topic, limit);
    if (limit == null) {
      return found;
    }
    long asked = limit;
    while (found.readable().size() < limit && found.size() >= asked) {
      asked = limit + 2L * found.unreadable().size();
      found = ask(statements, topic, asked);
    }
    return found;
  }

  private ReadRows<EventSubscription> ask(
      Statements statements, NamedSql.Binder topic, @Nullable Long limit) throws SQLException {
    return statements.whole(
        sql.open,
        parameters -> {
          topic.bind(parameters);
          parameters.bigint("limit", limit);
        },
        SubscriptionRows::readAll);
  }

  @Override
  public EventSubscription getSubscription(String id) {
    requireKey("getSubscription", id);
    return database
        .read(
            "getSubscription",
            List.of(id),
            statements ->
                statements.first(
                    sql.byId, parameters -> parameters.text("id", id), SubscriptionRows::read))
        .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
  }

  @Override
  public void terminateSubscription(String id) {
    requireKey("terminateSubscription", id);
    database.write(
        "terminateSubscription",
        true,
        List.of(id),
        statements ->
            ConflictingWrite.ofRow(
                "terminateSubscription",
                statements,
                sql.terminate,
                sql.byId,
                Subject.SUBSCRIPTION,
                id));
  }

  @Override
  public void terminateSubscription(String id, String token) {
    holding("terminateSubscription", sql.terminateHeld, id, token, true);
  }

  private static void requireKey(String verb, String id) {
    if (!ValueLimits.isStorable(ValueLimits.nonNull(verb, "id", id))) {
      throw new NotFoundException(Subject.SUBSCRIPTION, id);
    }
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    requireKey("setSubscriptionToken", id);
    ValueLimits.checkExpiry(id, expiry);
    return setToken(id, token, workerId, expiry, null);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    requireKey("setSubscriptionToken", id);
    ValueLimits.checkDuration("setSubscriptionToken", id, duration);
    long micros = duration.dividedBy(MICROSECOND);
    return setToken(id, token, workerId, null, micros);
  }

  private boolean setToken(
      String id, String token, String workerId, @Nullable Instant expiry, @Nullable Long micros) {
    ValueLimits.checkHold(id, token, workerId);
    return compareAndSet(
            "setSubscriptionToken",
            sql.setToken,
            id,
            false,
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
    String operation = "renewSubscriptionToken";
    requireKey(operation, id);
    ValueLimits.nonNull(operation, "token", token);
    ValueLimits.checkDuration(operation, id, duration);
    if (!ValueLimits.isStorable(token)) {
      getSubscription(id);
      return false;
    }
    return compareAndSet(
            operation,
            sql.renewToken,
            id,
            true,
            parameters ->
                parameters
                    .text("id", id)
                    .text("token", token)
                    .bigint("micros", duration.dividedBy(MICROSECOND)))
        .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    holding("clearSubscriptionToken", sql.clearToken, id, token, false);
  }

  /** Carries out what only the holder of the token may do. */
  private void holding(
      String operation, NamedSql statement, String id, String token, boolean safeToRepeat) {
    requireKey(operation, id);
    ValueLimits.nonNull(operation, "token", token);
    if (!ValueLimits.isStorable(token)) {
      getSubscription(id);
      throw new TokenMismatchException(id);
    }
    boolean done =
        compareAndSet(
                operation,
                statement,
                id,
                safeToRepeat,
                parameters -> parameters.text("id", id).text("token", token))
            .orElseThrow(() -> new NotFoundException(Subject.SUBSCRIPTION, id));
    if (!done) {
      throw new TokenMismatchException(id);
    }
  }

  /**
   * What a compare-and-set did, whether what it saw is the reason if it did not, and the version of
   * the row that it saw.
   */
  private record Swap(boolean done, boolean refused, String version) {}

  /**
   * Whether it was set; empty when there is no such subscription. What was neither set nor refused
   * met somebody who set or ended it at the same moment, and is asked again. Where nobody did, a
   * hold may have expired at that moment; the next time, something in the database is in the way.
   */
  private Optional<Boolean> compareAndSet(
      String verb, NamedSql statement, String id, boolean safeToRepeat, NamedSql.Binder binder) {
    String seen = "";
    for (int unchanged = 0; ; ) {
      Optional<Swap> swap = swap(verb, statement, id, safeToRepeat, binder);
      if (swap.isEmpty() || swap.get().done() || swap.get().refused()) {
        return swap.map(Swap::done);
      }
      unchanged = swap.get().version().equals(seen) ? unchanged + 1 : 0;
      if (unchanged == MAX_UNCHANGED) {
        throw SqlErrors.withheld(verb, List.of(id), Optional.empty());
      }
      seen = swap.get().version();
    }
  }

  private Optional<Swap> swap(
      String verb, NamedSql statement, String id, boolean safeToRepeat, NamedSql.Binder binder) {
    return database.write(
        verb,
        safeToRepeat,
        List.of(id),
        statements ->
            statements.first(
                statement,
                binder,
                rows -> new Swap(rows.getBoolean(1), rows.getBoolean(2), rows.getString(3))));
  }
}
