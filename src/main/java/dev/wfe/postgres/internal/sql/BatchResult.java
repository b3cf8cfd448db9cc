package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.sql.WorkflowBatchSql.Outcome;
import dev.wfe.postgres.internal.sql.WorkflowChange.Written;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the rows that the statement of {@link WorkflowBatchSql} returns. Thread-safe. */
final class BatchResult {
  private BatchResult() {}

  /** Returns the outcome of each change. */
  static List<Outcome> read(ResultSet rows, List<WorkflowChange> changes) throws SQLException {
    Map<String, Integer> elementsOfCreated = new HashMap<>();
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).update() == null) {
        elementsOfCreated.put(changes.get(i).created().get(0).id(), i + 1);
      }
    }
    Outcome[] outcomes = new Outcome[changes.size() + 1];
    Arrays.fill(outcomes, Outcome.UNKNOWN);
    List<Long> errorIds = List.of();
    Map<Integer, List<String>> replayed = new HashMap<>();
    Map<Integer, Boolean> more = new HashMap<>();
    while (rows.next()) {
      String kind = rows.getString("kind");
      int element = rows.getInt("element");
      switch (kind) {
        case "checks" -> {
          Array numbers = rows.getArray("numbers");
          errorIds = numbers == null ? List.of() : WriteParts.longs(numbers);
        }
        case "written" -> outcomes[element] = new Outcome(readWritten(rows), null, true);
        case "created" -> {
          Integer of = elementsOfCreated.get(rows.getString("id"));
          if (of != null) {
            outcomes[of] = new Outcome(readWritten(rows), null, true);
          }
        }
        case "refused" ->
            outcomes[element] =
                new Outcome(null, rows.getString("revision"), rows.getBoolean("flag"));
        default -> {
          replayed.put(element, WriteParts.strings(rows.getArray("ids")));
          more.put(element, rows.getBoolean("flag"));
        }
      }
    }
    return completed(outcomes, changes, errorIds, replayed, more);
  }

  /** Adds to the outcomes what other rows of the result say about them. */
  private static List<Outcome> completed(
      Outcome[] outcomes,
      List<WorkflowChange> changes,
      List<Long> errorIds,
      Map<Integer, List<String>> replayed,
      Map<Integer, Boolean> more) {
    int nextError = 0;
    List<Outcome> completed = new ArrayList<>();
    for (int element = 1; element <= changes.size(); element++) {
      Written written = outcomes[element].written();
      if (written == null) {
        completed.add(outcomes[element]);
        continue;
      }
      int errors = changes.get(element - 1).errors().size();
      completed.add(
          new Outcome(
              new Written(
                  written.revision(),
                  written.createTime(),
                  written.nextExecution(),
                  written.lastPosition(),
                  errorIds.subList(nextError, nextError + errors),
                  replayed.getOrDefault(element, List.of()),
                  more.getOrDefault(element, false)),
              null,
              true));
      nextError += errors;
    }
    return completed;
  }

  private static Written readWritten(ResultSet row) throws SQLException {
    long nextExecution = row.getLong("next_execution");
    boolean scheduled = !row.wasNull();
    return new Written(
        row.getString("revision"),
        Instants.read(row, "create_time"),
        scheduled ? (Long) nextExecution : null,
        row.getLong("last_position"),
        List.of(),
        List.of(),
        false);
  }
}
