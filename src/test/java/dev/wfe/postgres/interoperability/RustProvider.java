package dev.wfe.postgres.interoperability;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.InstantColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the Rust provider does to the tables: it inserts by listing its columns, reads columns by
 * name, knows none of our columns, and fails on a NULL or an unknown word.
 */
public final class RustProvider {
  private static final String WORKFLOW =
      "id text, name text, root_workflow_id text, definition_id text, version int,"
          + " description text, reference text, status text, data jsonb, next_execution bigint,"
          + " create_time timestamptz, complete_time timestamptz";

  private static final String POINTER =
      "id text, workflow_id text, step_id int, active boolean, status text,"
          + " sleep_until timestamptz, persistence_data jsonb, start_time timestamptz,"
          + " end_time timestamptz, event_name text, event_key text, event_published boolean,"
          + " event_data jsonb, step_name text, retry_count int, children jsonb,"
          + " context_item jsonb, predecessor_id text, outcome jsonb, scope jsonb,"
          + " extension_attributes jsonb";

  private static final String EVENT =
      "id text, event_name text, event_key text, event_data jsonb, event_time timestamptz,"
          + " is_processed boolean";

  private static final String SUBSCRIPTION =
      "id text, workflow_id text, step_id int, execution_pointer_id text, event_name text,"
          + " event_key text, subscribe_as_of timestamptz, subscription_data jsonb,"
          + " external_token text, external_worker_id text, external_token_expiry timestamptz";

  private final Connection connection;

  public RustProvider(Connection connection) {
    this.connection = connection;
  }

  private static String names(String columns) {
    return Arrays.stream(columns.split(", ", -1))
        .map(column -> column.split(" ", -1)[0])
        .collect(Collectors.joining(", "));
  }

  private static String values(String columns) {
    return Arrays.stream(columns.split(", ", -1))
        .map(column -> "cast(? as %s)".formatted(column.split(" ", -1)[1]))
        .collect(Collectors.joining(", "));
  }

  private void insert(String table, String columns, List<@Nullable Object> parameters)
      throws SQLException {
    execute(
        "insert into wfc.%s (%s) values (%s)".formatted(table, names(columns), values(columns)),
        parameters);
  }

  int execute(String sql, List<@Nullable Object> parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, List<@Nullable Object> parameters)
      throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      Object value = parameters.get(i);
      statement.setString(
          i + 1,
          value instanceof Instant instant
              ? InstantColumn.text(instant)
              : value == null ? null : value.toString());
    }
  }

  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> select(String sql, List<@Nullable Object> parameters, Reader<T> reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      List<T> result = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          result.add(reader.read(rows));
        }
      }
      return result;
    }
  }

  void create(WorkflowInstance instance) throws SQLException {
    insert("workflows", WORKFLOW, RustProviderRows.parameters(instance));
    for (ExecutionPointer pointer : instance.executionPointers()) {
      insert("execution_pointers", POINTER, RustProviderRows.parameters(instance.id(), pointer));
    }
  }

  /** As the Rust provider: in one transaction, every pointer deleted and inserted again. */
  public void persist(WorkflowInstance instance) throws SQLException {
    connection.setAutoCommit(false);
    List<@Nullable Object> parameters = RustProviderRows.parameters(instance);
    parameters.add(instance.id());
    String sql = "update wfc.workflows set (%s, last_heartbeat_at) = row (%s, now()) where id = ?";
    execute(sql.formatted(names(WORKFLOW), values(WORKFLOW)), parameters);
    execute("delete from wfc.execution_pointers where workflow_id = ?", List.of(instance.id()));
    for (ExecutionPointer pointer : instance.executionPointers()) {
      insert("execution_pointers", POINTER, RustProviderRows.parameters(instance.id(), pointer));
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  /** Its pointers come in the order of their ids: the Rust provider knows none. */
  WorkflowInstance workflow(String id) throws SQLException {
    List<ExecutionPointer> pointers =
        select(
            "select %s from wfc.execution_pointers where workflow_id = ? order by id"
                .formatted(names(POINTER)),
            List.of(id),
            RustProviderRows::pointer);
    return select(
            "select %s from wfc.workflows where id = ?".formatted(names(WORKFLOW)),
            List.of(id),
            row -> RustProviderRows.workflow(row, pointers))
        .get(0);
  }

  void create(Event event) throws SQLException {
    insert(
        "events",
        EVENT,
        Arrays.asList(
            event.id(),
            event.eventName(),
            event.eventKey(),
            event.eventData(),
            event.eventTime(),
            event.processed()));
  }

  Event event(String id) throws SQLException {
    return select(
            "select %s from wfc.events where id = ?".formatted(names(EVENT)),
            List.of(id),
            RustProviderRows::event)
        .get(0);
  }

  void create(EventSubscription subscription) throws SQLException {
    insert(
        "event_subscriptions",
        SUBSCRIPTION,
        Arrays.asList(
            subscription.id(),
            subscription.workflowId(),
            subscription.stepId(),
            subscription.executionPointerId(),
            subscription.eventName(),
            subscription.eventKey(),
            subscription.subscribeAsOf(),
            subscription.subscriptionData(),
            subscription.externalToken(),
            subscription.externalWorkerId(),
            subscription.externalTokenExpiry()));
  }

  EventSubscription subscription(String id) throws SQLException {
    return select(
            "select %s from wfc.event_subscriptions where id = ?".formatted(names(SUBSCRIPTION)),
            List.of(id),
            RustProviderRows::subscription)
        .get(0);
  }

  /** True for the one who found no token there. */
  boolean setToken(String id, String token, String worker, Instant expiry) throws SQLException {
    return execute(
            """
            update wfc.event_subscriptions set external_token = ?, external_worker_id = ?,
              external_token_expiry = cast(? as timestamptz)
            where id = ? and external_token is null
            """,
            Arrays.asList(token, worker, expiry, id))
        == 1;
  }

  void schedule(ScheduledCommand command) throws SQLException {
    schedule(command.commandName().word(), command.data(), command.executeTime());
  }

  void schedule(String word, String data, long executeTime) throws SQLException {
    execute(
        """
        insert into wfc.scheduled_commands (command_name, data, execute_time)
        values (?, ?, cast(? as bigint))
        on conflict (command_name, data) do update set execute_time = excluded.execute_time
        """,
        Arrays.asList(word, data, executeTime));
  }

  /** The commands due, which the Rust provider deletes by their time afterwards. */
  List<String> takeCommands(long asOf) throws SQLException {
    List<String> due =
        select(
            """
            select command_name, data, execute_time from wfc.scheduled_commands
            where execute_time <= cast(? as bigint) order by execute_time
            """,
            List.of(asOf),
            row ->
                RustProviderRows.text(row, "command_name")
                    + " "
                    + RustProviderRows.text(row, "data"));
    execute(
        "delete from wfc.scheduled_commands where execute_time <= cast(? as bigint)",
        List.of(asOf));
    return due;
  }

  public void persist(ExecutionError error) throws SQLException {
    insert(
        "execution_errors",
        "error_time timestamptz, workflow_id text, execution_pointer_id text, message text",
        List.of(
            error.errorTime(), error.workflowId(), error.executionPointerId(), error.message()));
  }

  List<ExecutionError> errors() throws SQLException {
    return select(
        """
        select error_time, workflow_id, execution_pointer_id, message
        from wfc.execution_errors order by id
        """,
        List.of(),
        RustProviderRows::error);
  }

  long nextDefinitionSequence(String definitionId) throws SQLException {
    return select(
            """
            insert into wfc.definition_sequences (definition_id, next_num) values (?, 1)
            on conflict (definition_id)
              do update set next_num = wfc.definition_sequences.next_num + 1
            returning next_num
            """,
            List.of(definitionId),
            row -> row.getLong("next_num"))
        .get(0);
  }

  List<String> ids(String sql, @Nullable Object... parameters) throws SQLException {
    return select(sql, Arrays.asList(parameters), row -> RustProviderRows.text(row, "id"));
  }
}
