package dev.wfe.postgres.internal.repository;

import dev.wfe.model.Event;
import dev.wfe.model.Topic;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.mapping.StoreFields;
import dev.wfe.postgres.internal.sql.EventSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.transaction.ConflictingWrite;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Events in PostgreSQL. Thread-safe. */
public final class PostgresEventRepository implements EventRepository {
  private final TransactionScope scope;
  private final EventSql sql;
  private final WorkSignals signals;

  /** Runs its operations in the scope. */
  PostgresEventRepository(TransactionScope scope, EventSql sql, WorkSignals signals) {
    this.scope = scope;
    this.sql = sql;
    this.signals = signals;
  }

  @Override
  public String createEvent(Event event) {
    ValueLimits.check(event);
    Event stored = event.toBuilder().id(Arguments.idOrNew(event.id())).build();
    List<String> ids = List.of(stored.id());
    Operation operation =
        event.id().isEmpty()
            ? Operation.writing("createEvent", ids)
            : Operation.repeatable("createEvent", ids);
    scope.run(
        operation,
        statements ->
            statements.write(
                operation,
                ConflictingWrite.of(
                    sql.create,
                    false,
                    parameters -> EventSql.EVENT.bind(parameters, stored),
                    row -> stored.id(),
                    () -> duplicate(statements, stored.id()))));
    signals.signalIf(WorkSignals.isDue(stored));
    return stored.id();
  }

  @Override
  public List<ItemResult<String>> createEvents(List<Event> events) {
    String name = "createEvents";
    List<@Nullable InvalidValueException> refusals =
        ValueLimits.checkEach(name, "events", events, ValueLimits::check);
    Map<String, Event> sent = new TreeMap<>();
    List<Event> stored = new ArrayList<>();
    boolean idsGiven = true;
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      if (refusals.get(i) == null) {
        idsGiven &= !event.id().isEmpty();
        event = event.toBuilder().id(Arguments.idOrNew(event.id())).build();
        sent.putIfAbsent(event.id(), event);
      }
      stored.add(event);
    }
    Set<String> created = createMany(name, idsGiven, List.copyOf(sent.values()));
    signals.signalIf(sent.values().stream().anyMatch(WorkSignals::isDue) && !created.isEmpty());
    List<ItemResult<String>> results = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      InvalidValueException refusal = refusals.get(i);
      results.add(
          refusal == null ? result(stored.get(i), created) : new ItemResult.Refused<>(refusal));
    }
    return results;
  }

  private Set<String> createMany(String name, boolean idsGiven, List<Event> events) {
    if (events.isEmpty()) {
      return new HashSet<>();
    }
    List<String> ids = events.stream().map(Event::id).toList();
    Operation operation = idsGiven ? Operation.repeatable(name, ids) : Operation.writing(name, ids);
    return new HashSet<>(
        scope.run(
            operation,
            statements ->
                statements.all(
                    sql.createMany,
                    parameters -> EventSql.NEW.bindMany(parameters, events),
                    row -> row.getString(1))));
  }

  /**
   * The result of an event. If it was not created, or an earlier one of the batch has the same id,
   * it is tried alone, which finds the reason.
   */
  private ItemResult<String> result(Event event, Set<String> created) {
    if (created.remove(event.id())) {
      return new ItemResult.Written<>(event.id());
    }
    try {
      return new ItemResult.Written<>(createEvent(event));
    } catch (StoreException failure) {
      return new ItemResult.Refused<>(failure);
    }
  }

  private Optional<StoreException> duplicate(StatementExecutor statements, String id)
      throws SQLException {
    return statements.first(
        sql.byId,
        parameters -> parameters.text("id", id),
        rows -> new DuplicateException(Subject.EVENT, "id", id));
  }

  @Override
  public Event getEvent(String id) {
    Arguments.requireStorable("getEvent", Subject.EVENT, id);
    return scope
        .run(
            Operation.reading("getEvent", List.of(id)),
            statements ->
                statements.first(
                    sql.byId,
                    parameters -> parameters.text("id", id),
                    row -> StoreFields.EVENT.read(row).build()))
        .orElseThrow(() -> new NotFoundException(Subject.EVENT, id));
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return getRunnableEvents(asAt, StatementExecutor.NO_LIMIT);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    ValueLimits.nonNull("getRunnableEvents", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableEvents", limit);
    return Instants.atOrBefore(asAt)
        .map(
            bound ->
                scope.run(
                    Operation.reading("getRunnableEvents", List.of()),
                    statements ->
                        statements.ids(
                            sql.runnable,
                            limit,
                            parameters -> parameters.text("bound", Instants.text(bound)))))
        .orElse(List.of());
  }

  @Override
  public Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after) {
    String operation = "getRunnableEvents";
    ValueLimits.nonNull(operation, "asAt", asAt);
    ValueLimits.checkLimit(operation, limit);
    ValueLimits.checkPosition(operation, after);
    Instant start = after == null ? ValueLimits.MIN_INSTANT : after.time();
    Optional<Instant> until = Instants.atOrBefore(asAt);
    Optional<Instant> from = Instants.atOrAfter(start);
    if (until.isEmpty() || from.isEmpty()) {
      return new Page(List.of(), null);
    }
    return scope.run(
        Operation.reading(operation, List.of()),
        statements ->
            statements.page(
                sql.runnablePage,
                limit,
                parameters ->
                    parameters
                        .text("bound", Instants.text(until.get()))
                        .text("after", Instants.text(from.get()))
                        .text(
                            "afterId",
                            after == null || from.get().isAfter(start) ? "" : after.id()),
                row -> Objects.requireNonNull(InstantColumn.read(row, 2))));
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return getEvents(eventName, eventKey, asOf, StatementExecutor.NO_LIMIT);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    ValueLimits.nonNull("getEvents", "asOf", asOf);
    return ofTopic("getEvents", sql.until, eventName, eventKey, Instants.atOrBefore(asOf), limit);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return getEventsSince(eventName, eventKey, from, StatementExecutor.NO_LIMIT);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    ValueLimits.nonNull("getEventsSince", "from", from);
    return ofTopic(
        "getEventsSince", sql.since, eventName, eventKey, Instants.atOrAfter(from), limit);
  }

  private List<String> ofTopic(
      String operation,
      NamedSql query,
      String eventName,
      String eventKey,
      Optional<Instant> bound,
      int limit) {
    ValueLimits.checkLimit(operation, limit);
    if (!Arguments.isStorable(operation, eventName, eventKey) || bound.isEmpty()) {
      return List.of();
    }
    return scope.run(
        Operation.reading(operation, List.of()),
        statements ->
            statements.ids(
                query,
                limit,
                parameters ->
                    parameters
                        .text("name", eventName)
                        .text("key", eventKey)
                        .text("bound", Instants.text(bound.get()))));
  }

  @Override
  public Map<Topic, List<Position>> getEventsSince(Map<Topic, Instant> from, int limit) {
    String operation = "getEventsSince";
    ValueLimits.nonNull(operation, "from", from);
    ValueLimits.nonNullElements(operation, "from", from.keySet());
    ValueLimits.nonNullElements(operation, "from", from.values());
    ValueLimits.checkLimit(operation, limit);
    List<Topic> topics = new ArrayList<>();
    List<String> bounds = new ArrayList<>();
    from.forEach(
        (topic, bound) ->
            Instants.atOrAfter(bound)
                .filter(since -> Arguments.isStorable(topic))
                .ifPresent(
                    since -> {
                      topics.add(topic);
                      bounds.add(Instants.text(since));
                    }));
    Map<Topic, List<Position>> found = new HashMap<>();
    if (!topics.isEmpty()) {
      scope
          .run(
              Operation.reading(operation, List.of()),
              statements ->
                  statements.all(
                      sql.sinceMany,
                      parameters ->
                          Arguments.bind(parameters, topics)
                              .texts("bounds", bounds)
                              .bigint("limit", (long) limit),
                      row ->
                          Map.entry(
                              new Topic(row.getString(1), row.getString(2)),
                              new Position(
                                  Objects.requireNonNull(InstantColumn.read(row, 4)),
                                  row.getString(3)))))
          .forEach(
              event ->
                  found
                      .computeIfAbsent(event.getKey(), topic -> new ArrayList<>())
                      .add(event.getValue()));
    }
    return found;
  }

  @Override
  public List<Event> getEvents(Collection<String> ids) {
    String operation = "getEvents";
    List<String> wanted = Arguments.storable(operation, ids);
    if (wanted.isEmpty()) {
      return List.of();
    }
    ReadRows<Event> found =
        scope.run(
            Operation.reading(operation, wanted),
            statements ->
                statements.query(
                    sql.byIds,
                    parameters -> parameters.texts("ids", wanted),
                    rows -> StoreFields.EVENT.readAll(rows, Event.Builder::build)));
    return Arguments.inOrder(ids, UnreadableRows.leaveOut(operation, found), Event::id);
  }

  @Override
  public List<ItemResult<Boolean>> markEventsProcessed(List<String> ids) {
    String name = "markEventsProcessed";
    List<String> wanted = Arguments.storable(name, ids);
    Set<String> processed = new HashSet<>();
    if (!wanted.isEmpty()) {
      processed.addAll(
          scope.run(
              Operation.repeatable(name, wanted),
              statements ->
                  statements.all(
                      sql.markMany,
                      parameters ->
                          parameters.texts("ids", wanted).text("seqScan", seqScan(statements)),
                      row -> row.getString(1))));
    }
    List<ItemResult<Boolean>> results = new ArrayList<>();
    for (String id : ids) {
      results.add(processed.contains(id) ? new ItemResult.Written<>(true) : markAlone(id));
    }
    return results;
  }

  private ItemResult<Boolean> markAlone(String id) {
    try {
      return new ItemResult.Written<>(markEventProcessed(id));
    } catch (StoreException failure) {
      return new ItemResult.Refused<>(failure);
    }
  }

  @Override
  public boolean markEventProcessed(String id) {
    Arguments.requireStorable("markEventProcessed", Subject.EVENT, id);
    Operation operation = Operation.repeatable("markEventProcessed", List.of(id));
    return scope.run(operation, statements -> mark(operation, statements, id));
  }

  /**
   * The result of an attempt to mark an event processed.
   *
   * @param free whether no subscription covers the event
   * @param done whether the event is processed now; only meaningful if it is free
   */
  private record Mark(boolean free, boolean done) {}

  /**
   * Marks the event processed unless a subscription covers it. If a concurrent write prevented a
   * free event from being marked, the statement is repeated.
   */
  private boolean mark(Operation operation, StatementExecutor statements, String id)
      throws SQLException {
    for (int attempt = 0; attempt < StatementExecutor.MAX_ATTEMPTS; attempt++) {
      Mark mark = mark(statements, sql.markProcessed, id);
      if (!mark.free()) {
        mark = mark(statements, sql.markCovered, id);
      }
      if (!mark.free() || mark.done()) {
        return mark.free();
      }
    }
    throw SqlErrors.suppressed(operation, null);
  }

  private static Mark mark(StatementExecutor statements, NamedSql statement, String id)
      throws SQLException {
    return statements
        .first(
            statement,
            parameters ->
                parameters
                    .text("id", id)
                    .text("lockTimeout", statements.lockTimeout())
                    .text("seqScan", seqScan(statements)),
            row -> new Mark(row.getBoolean(1), row.getBoolean(2)))
        .orElseThrow(() -> new NotFoundException(Subject.EVENT, id));
  }

  /** The value of {@code enable_seqscan}; null if it is the caller's transaction. */
  private static @Nullable String seqScan(StatementExecutor statements) {
    return statements.commits() ? "off" : null;
  }

  @Override
  public void markEventUnprocessed(String id) {
    Arguments.requireStorable("markEventUnprocessed", Subject.EVENT, id);
    Operation operation = Operation.repeatable("markEventUnprocessed", List.of(id));
    scope.run(
        operation,
        statements ->
            statements.write(
                operation,
                ConflictingWrite.ofRow(
                    sql.markUnprocessed,
                    id,
                    () -> Arguments.missing(statements, sql.byId, Subject.EVENT, id))));
    signals.signalIf(true);
  }
}
