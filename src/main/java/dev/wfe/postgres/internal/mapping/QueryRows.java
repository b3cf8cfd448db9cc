package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.LimitUsage;
import dev.wfe.persistence.RegisteredHost;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.UnreadableRowException;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.persistence.WorkflowSummary.HeldLease;
import jakarta.persistence.Tuple;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Converts the rows of queries over entities. Thread-safe. */
public final class QueryRows {
  private QueryRows() {}

  @FunctionalInterface
  private interface Reader<T> {
    T read(TupleRow row) throws SQLException;
  }

  private static <T> ReadRows<T> read(String table, String id, List<Tuple> rows, Reader<T> reader) {
    List<T> readable = new ArrayList<>();
    List<UnreadableRowException> unreadable = new ArrayList<>();
    for (Tuple row : rows) {
      try {
        readable.add(reader.read(new TupleRow(table, String.valueOf(row.get(id)), row)));
      } catch (UnreadableRowException failure) {
        unreadable.add(failure);
      } catch (SQLException impossible) {
        throw new IllegalStateException("Reading a tuple raises no SQLException", impossible);
      }
    }
    return new ReadRows<>(readable, unreadable);
  }

  /** Converts workflows, each with the lease that has not expired. */
  public static ReadRows<WorkflowSummary> workflows(List<Tuple> rows) {
    return read(
        "workflows",
        "id",
        rows,
        row ->
            new WorkflowSummary(
                row.text("id"),
                row.text("name"),
                row.optionalText("root_workflow_id"),
                row.text("definition_id"),
                row.integer("version"),
                row.optionalText("reference"),
                row.constant("status", EnumCodec.WORKFLOW_STATUS),
                row.optionalBigint("next_execution"),
                row.instant("create_time"),
                row.optionalInstant("complete_time"),
                row.optionalInstant("last_heartbeat_at"),
                lease(row)));
  }

  private static @Nullable HeldLease lease(TupleRow row) throws SQLException {
    String owner = row.optionalText("owner");
    return owner == null ? null : new HeldLease(owner, row.instant("expires_at"));
  }

  /** Converts events. */
  public static ReadRows<EventSummary> events(List<Tuple> rows) {
    return read(
        "events",
        "id",
        rows,
        row ->
            new EventSummary(
                row.text("id"),
                row.text("event_name"),
                row.text("event_key"),
                row.instant("event_time"),
                row.boolOrFalse("is_processed")));
  }

  /** Converts subscriptions. */
  public static ReadRows<SubscriptionSummary> subscriptions(List<Tuple> rows) {
    return read(
        "event_subscriptions",
        "id",
        rows,
        row ->
            new SubscriptionSummary(
                row.text("id"),
                row.text("workflow_id"),
                row.integer("step_id"),
                row.text("execution_pointer_id"),
                row.text("event_name"),
                row.text("event_key"),
                row.instant("subscribe_as_of"),
                row.optionalText("external_worker_id"),
                row.optionalInstant("external_token_expiry"),
                row.bool("held")));
  }

  /** Converts scheduled commands. */
  public static ReadRows<ScheduledCommand> commands(List<Tuple> rows) {
    return read(
        "scheduled_commands",
        "id",
        rows,
        row ->
            new ScheduledCommand(
                row.constant("command_name", EnumCodec.COMMAND_NAME),
                row.text("data"),
                row.bigint("execute_time")));
  }

  /** Converts errors. */
  public static ReadRows<StoredError> errors(List<Tuple> rows) {
    return read(
        "execution_errors",
        "id",
        rows,
        row ->
            new StoredError(
                row.bigint("id"),
                new ExecutionError(
                    row.instant("error_time"),
                    row.text("workflow_id"),
                    row.text("execution_pointer_id"),
                    row.text("message"))));
  }

  /** Converts hosts. */
  public static ReadRows<RegisteredHost> hosts(List<Tuple> rows) {
    return read(
        "workflow_hosts",
        "id",
        rows,
        row ->
            new RegisteredHost(
                row.text("id"),
                row.text("name"),
                row.optionalText("version"),
                row.instant("started_at"),
                row.instant("last_seen_at"),
                row.instant("expires_at"),
                row.bool("live"),
                HostedDefinitions.decode(
                    row.json("definitions"),
                    problem -> row.unreadable("definitions", problem, null))));
  }

  /** Converts the counts of the leases and claims that limits count. */
  public static LimitUsage limitUsage(ResultSet row) throws SQLException {
    long earliest = row.getLong("earliest_micros");
    @Nullable Instant first =
        row.wasNull() ? null : Instant.EPOCH.plus(earliest, ChronoUnit.MICROS);
    return new LimitUsage(
        row.getLong("at_a_time"), row.getLong("of_key"), row.getLong("claimed"), first);
  }

  /** Returns how many rows the planner expects, by its plan in JSON. */
  public static long plannedRows(String plan) {
    try {
      return Json.tree(plan.getBytes(StandardCharsets.UTF_8))
          .path(0)
          .path("Plan")
          .path("Plan Rows")
          .asLong();
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("Not a plan: " + plan, impossible);
    }
  }

  /** Converts counts of errors. */
  public static ReadRows<ErrorCount> errorCounts(List<Tuple> rows) {
    return read(
        "execution_errors",
        "message",
        rows,
        row ->
            new ErrorCount(
                row.optionalText("definition_id"),
                row.text("message"),
                row.bigint("count"),
                row.instant("latest")));
  }
}
