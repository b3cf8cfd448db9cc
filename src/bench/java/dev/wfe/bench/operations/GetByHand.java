package dev.wfe.bench.operations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The baseline for reading workflows with their pointers in one snapshot: one statement, in which a
 * workflow and its pointers use the same columns, read by position. Thread-safe.
 */
final class GetByHand {
  private static final String ROWS =
      """
      select w.xmin, w.ctid, w.id, w.reference, w.name, w.root_workflow_id, w.definition_id,
        w.description, w.status, w.version, null::int, w.next_execution, w.create_time,
        w.complete_time, null::timestamptz, w.data, null::jsonb, null::jsonb, null::jsonb,
        null::jsonb, null::jsonb, null::jsonb, null::boolean, null::boolean
      from wfc.workflows w where w.%s
      union all
      select null, null, p.id, p.workflow_id, p.event_name, p.event_key, p.step_name,
        p.predecessor_id, p.status, p.step_id, p.retry_count, p.position, p.start_time,
        p.end_time, p.sleep_until, p.persistence_data, p.event_data, p.children, p.context_item,
        p.outcome, p.scope, p.extension_attributes, p.active, p.event_published
      from wfc.execution_pointers p where p.workflow_id = %s
      """;

  /**
   * The id is in a subquery, so that a generic plan is used. A plan for a particular id would
   * depend on the number of its pointers and be made again for each call.
   */
  private static final String BY_ID = ROWS.formatted("id = ?", "(select ?)");

  private static final String BY_NAME =
      ROWS.formatted("name = ?", "(select id from wfc.workflows where name = ?)");
  private static final String BY_IDS = ROWS.formatted("id = any(?)", "any(?)");

  private static final Comparator<ReadWorkflow.Pointer> ORDER =
      Comparator.comparing(
              ReadWorkflow.Pointer::position, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(ReadWorkflow.Pointer::id);

  private final Jdbc jdbc;

  GetByHand(DataSource dataSource) {
    this.jdbc = new Jdbc(dataSource);
  }

  ReadWorkflow byId(String id) throws SQLException {
    return one(BY_ID, id);
  }

  ReadWorkflow byName(String name) throws SQLException {
    return one(BY_NAME, name);
  }

  private ReadWorkflow one(String sql, String key) throws SQLException {
    return jdbc.query(
        sql,
        statement -> {
          statement.setString(1, key);
          statement.setString(2, key);
        },
        rows -> {
          ReadWorkflow workflow = null;
          List<ReadWorkflow.Pointer> pointers = new ArrayList<>();
          while (rows.next()) {
            String xmin = rows.getString(1);
            if (xmin == null) {
              pointers.add(pointer(rows));
            } else {
              workflow = workflow(rows, xmin, pointers);
            }
          }
          pointers.sort(ORDER);
          return Objects.requireNonNull(workflow);
        });
  }

  /** In the order of the ids. */
  List<ReadWorkflow> byIds(List<String> ids) throws SQLException {
    return jdbc.query(
        BY_IDS,
        statement -> {
          Object[] keys = ids.toArray();
          statement.setArray(1, statement.getConnection().createArrayOf("text", keys));
          statement.setArray(2, statement.getConnection().createArrayOf("text", keys));
        },
        rows -> {
          Map<String, ReadWorkflow> workflows = new HashMap<>();
          Map<String, List<ReadWorkflow.Pointer>> pointers = new HashMap<>();
          while (rows.next()) {
            String xmin = rows.getString(1);
            if (xmin == null) {
              pointersOf(pointers, rows.getString(4)).add(pointer(rows));
            } else {
              String id = rows.getString(3);
              workflows.put(id, workflow(rows, xmin, pointersOf(pointers, id)));
            }
          }
          pointers.values().forEach(list -> list.sort(ORDER));
          return ids.stream().map(workflows::get).filter(Objects::nonNull).toList();
        });
  }

  private static List<ReadWorkflow.Pointer> pointersOf(
      Map<String, List<ReadWorkflow.Pointer>> pointers, String workflow) {
    return pointers.computeIfAbsent(workflow, id -> new ArrayList<>());
  }

  private static ReadWorkflow workflow(
      ResultSet row, @Nullable String xmin, List<ReadWorkflow.Pointer> pointers)
      throws SQLException {
    return new ReadWorkflow(
        row.getString(3),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getInt(10),
        row.getString(8),
        row.getString(4),
        row.getString(9),
        Read.json(row, 16),
        Read.number(row, 12),
        Read.time(row, 13),
        Read.time(row, 14),
        xmin,
        row.getString(2),
        pointers);
  }

  private static ReadWorkflow.Pointer pointer(ResultSet row) throws SQLException {
    return new ReadWorkflow.Pointer(
        row.getString(3),
        Read.number(row, 12),
        row.getInt(10),
        row.getBoolean(23),
        row.getString(9),
        Read.time(row, 15),
        Read.json(row, 16),
        Read.time(row, 13),
        Read.time(row, 14),
        row.getString(5),
        row.getString(6),
        row.getBoolean(24),
        Read.json(row, 17),
        row.getString(7),
        row.getInt(11),
        Read.json(row, 18),
        Read.json(row, 19),
        row.getString(8),
        Read.json(row, 20),
        Read.json(row, 21),
        Read.json(row, 22));
  }
}
