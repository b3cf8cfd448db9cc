package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.Event;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as rows of {@code events}. */
public final class EventRows {
  static final String TABLE = "events";

  private EventRows() {}

  /** The columns of the event. */
  public static Map<String, @Nullable Object> row(Event event) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("id", event.id());
    row.put("event_name", event.eventName());
    row.put("event_key", event.eventKey());
    row.put("event_data", Json.text(event.eventData()));
    row.put("event_time", Instants.text(event.eventTime()));
    row.put("is_processed", event.processed());
    return row;
  }

  /** The event in the current row. */
  public static Event read(ResultSet rows) throws SQLException {
    return read(ResultColumns.labelled(rows, TABLE).row());
  }

  /** The event in the row. */
  static <X extends Exception> Event read(Row<X> row) throws X {
    return Event.builder(row.text("event_name"), row.text("event_key"))
        .id(row.id())
        .eventData(row.json("event_data"))
        .eventTime(row.instant("event_time"))
        .processed(row.bool("is_processed", false))
        .build();
  }
}
