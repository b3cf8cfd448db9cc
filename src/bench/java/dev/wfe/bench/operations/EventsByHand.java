package dev.wfe.bench.operations;

import dev.wfe.bench.Tables;
import dev.wfe.model.Event;
import java.sql.SQLException;

/** Stores and marks events with hand-written statements. Thread-safe. */
final class EventsByHand {
  private static final String INSERT =
      """
      insert into %s.events (id, event_name, event_key, event_data, event_time, is_processed)
      values (?, ?, ?, ?::jsonb, ?, ?)
      """;

  /**
   * Takes the topic lock in the first statement. The second statement marks the event unless a
   * subscription covers it.
   */
  private static final String MARK =
      """
      select pg_advisory_xact_lock(hashtextextended(
        '"wfc"."events"' || chr(31) || event_name || chr(31) || event_key, 0))
      from wfc.events where id = ?;
      update wfc.events e set is_processed = true
      where e.id = ? and e.is_processed is not true and not exists (
        select from wfc.event_subscriptions s
        where s.event_name = e.event_name and s.event_key = e.event_key
          and s.subscribe_as_of <= e.event_time)
      returning e.id
      """;

  private static final String MARK_PLAINLY =
      "update %s.events set is_processed = true where id = ?".formatted(Tables.RUST_PROVIDER);

  private final Jdbc jdbc;

  EventsByHand(Jdbc jdbc) {
    this.jdbc = jdbc;
  }

  void insert(String schema, Event event) throws SQLException {
    int written =
        jdbc.update(
            INSERT.formatted(schema),
            statement -> {
              statement.setString(1, event.id());
              statement.setString(2, event.eventName());
              statement.setString(3, event.eventKey());
              statement.setString(4, event.eventData().toString());
              Values.time(statement, 5, event.eventTime());
              statement.setBoolean(6, false);
            });
    Jdbc.require(written == 1, "Not published");
  }

  void mark(String id) throws SQLException {
    String marked =
        jdbc.querySecond(
            MARK,
            statement -> {
              statement.setString(1, id);
              statement.setString(2, id);
            },
            rows -> Jdbc.first(rows).getString(1));
    Jdbc.require(marked.equals(id), "Not marked");
  }

  void markPlainly(String id) throws SQLException {
    int marked = jdbc.update(MARK_PLAINLY, statement -> statement.setString(1, id));
    Jdbc.require(marked == 1, "Not marked");
  }
}
