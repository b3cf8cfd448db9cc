package dev.wfe.postgres.internal.store;

import dev.wfe.model.Event;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.EventRepository;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.entity.InstantColumn;
import dev.wfe.postgres.internal.mapping.EventRows;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.sql.EventSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events in PostgreSQL. Thread-safe. */
public final class EventStore implements EventRepository {
  private final Database database;
  private final EventSql sql;

  /** Over the database. */
  public EventStore(Database database, EventSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public String createEvent(Event event) {
    ValueLimits.check(event);
    Event stored = event.toBuilder().id(Ids.orNew(event.id())).build();
    return database.write(
        "createEvent",
        !event.id().isEmpty(),
        List.of(stored.id()),
        statements ->
            ConflictingWrite.run(
                "createEvent",
                List.of(stored.id()),
                last ->
                    new Statements.Attempt<>(
                        statements.first(
                            sql.create,
                            parameters -> EventSql.EVENT.bind(parameters, EventRows.row(stored)),
                            rows -> stored.id()),
                        Optional.empty()),
                () -> taken(statements, stored.id())));
  }

  private Optional<StoreException> taken(Statements statements, String id) throws SQLException {
    return statements.first(
        sql.byId,
        parameters -> parameters.text("id", id),
        rows -> new DuplicateException(Subject.EVENT, "id", id));
  }

  @Override
  public Event getEvent(String id) {
    requireKey("getEvent", id);
    return database
        .read(
            "getEvent",
            List.of(id),
            statements ->
                statements.first(
                    sql.byId, parameters -> parameters.text("id", id), EventRows::read))
        .orElseThrow(() -> new NotFoundException(Subject.EVENT, id));
  }

  private static void requireKey(String verb, String id) {
    if (!ValueLimits.isStorable(ValueLimits.nonNull(verb, "id", id))) {
      throw new NotFoundException(Subject.EVENT, id);
    }
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return getRunnableEvents(asAt, Database.ALL);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    ValueLimits.nonNull("getRunnableEvents", "asAt", asAt);
    ValueLimits.checkLimit("getRunnableEvents", limit);
    return Instants.atOrBefore(asAt)
        .map(
            bound ->
                database.ids(
                    "getRunnableEvents",
                    sql.runnable,
                    limit,
                    parameters -> parameters.text("bound", Instants.text(bound))))
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
    return database.page(
        operation,
        sql.runnablePage,
        limit,
        parameters ->
            parameters
                .text("bound", Instants.text(until.get()))
                .text("after", Instants.text(from.get()))
                .text("afterId", after == null || from.get().isAfter(start) ? "" : after.id()),
        row -> Objects.requireNonNull(InstantColumn.read(row, 2)));
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return getEvents(eventName, eventKey, asOf, Database.ALL);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    ValueLimits.nonNull("getEvents", "asOf", asOf);
    return ofTopic("getEvents", sql.until, eventName, eventKey, Instants.atOrBefore(asOf), limit);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return getEventsSince(eventName, eventKey, from, Database.ALL);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    ValueLimits.nonNull("getEventsSince", "from", from);
    return ofTopic(
        "getEventsSince", sql.since, eventName, eventKey, Instants.atOrAfter(from), limit);
  }

  private List<String> ofTopic(
      String verb,
      NamedSql query,
      String eventName,
      String eventKey,
      Optional<Instant> bound,
      int limit) {
    ValueLimits.checkLimit(verb, limit);
    if (!Topics.isStorable(verb, eventName, eventKey) || bound.isEmpty()) {
      return List.of();
    }
    return database.ids(
        verb,
        query,
        limit,
        parameters ->
            parameters
                .text("name", eventName)
                .text("key", eventKey)
                .text("bound", Instants.text(bound.get())));
  }

  @Override
  public boolean markEventProcessed(String id) {
    requireKey("markEventProcessed", id);
    return database.write(
        "markEventProcessed",
        true,
        List.of(id),
        statements ->
            ConflictingWrite.run(
                "markEventProcessed",
                List.of(id),
                last -> new Statements.Attempt<>(mark(statements, id), Optional.empty()),
                Optional::empty));
  }

  /** Whether the event is processed now; empty when somebody or something kept it from being so. */
  private Optional<Boolean> mark(Statements statements, String id) throws SQLException {
    Mark mark = mark(statements, sql.markProcessed, id);
    if (!mark.free()) {
      mark = mark(statements, sql.markCovered, id);
    }
    return mark.free() && !mark.done() ? Optional.empty() : Optional.of(mark.free());
  }

  /** Whether no subscription holds the event back, and whether it is processed now if so. */
  private record Mark(boolean free, boolean done) {}

  private static Mark mark(Statements statements, NamedSql statement, String id)
      throws SQLException {
    return statements
        .first(
            statement,
            parameters -> parameters.text("id", id).text("lockTimeout", statements.lockTimeout()),
            rows -> new Mark(rows.getBoolean(1), rows.getBoolean(2)))
        .orElseThrow(() -> new NotFoundException(Subject.EVENT, id));
  }

  @Override
  public void markEventUnprocessed(String id) {
    requireKey("markEventUnprocessed", id);
    database.write(
        "markEventUnprocessed",
        true,
        List.of(id),
        statements ->
            ConflictingWrite.ofRow(
                "markEventUnprocessed",
                statements,
                sql.markUnprocessed,
                sql.byId,
                Subject.EVENT,
                id));
  }
}
