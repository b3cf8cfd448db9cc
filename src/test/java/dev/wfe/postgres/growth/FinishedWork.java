package dev.wfe.postgres.growth;

/**
 * Rows of a store that has been used for long: one in a hundred workflows and events is not
 * finished, one in a hundred events and subscriptions is about the same topic, no command is due.
 */
final class FinishedWork {
  private static final String ROWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, next_execution, create_time)
        select 'w' || i, 'name ' || i, 'd', 1,
          case when i % 100 = 0 then 'Runnable' else 'Complete' end, i, now()
        from generate_series(:from, :to) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, status, position)
        select 'p' || i, 'w' || i, 1, 'Complete', 1 from generate_series(:from, :to) i;
      insert into wfc.events (id, event_name, event_key, event_time, is_processed)
        select 'e' || i, 'name', case when i % 100 = 1 then 'many' else 'key ' || i end,
          now() - i * interval '1 s', i % 100 <> 0
        from generate_series(:from, :to) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of)
        select 's' || i, 'w' || i, 1, 'p' || i, 'name',
          case when i % 100 = 1 then 'many' else 'other key ' || i end, now() - i * interval '1 s'
        from generate_series(:from, :to) i;
      insert into wfc.scheduled_commands (command_name, data, execute_time)
        select 'ProcessWorkflow', 'w' || i, 5000000000000 + i from generate_series(:from, :to) i;
      insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
        select now(), 'w' || i, 'p' || i, 'message' from generate_series(:from, :to) i;
      insert into wfc.definition_sequences (definition_id, next_num)
        select 'd' || i, i from generate_series(:from, :to) i;
      insert into wfc.workflow_definitions (definition_id, version, graph)
        select 'd' || i, 1, '{}' from generate_series(:from, :to) i;
      insert into wfc.workflow_hosts (id, name, started_at, last_seen_at, expires_at, definitions)
        select 'h' || i, 'host ' || i, now(), now(), now() - 1 / (1.0 + i) * interval '12 h', '[]'
        from generate_series(:from, least(:to, :from + 1999)) i;
      """;

  private FinishedWork() {}

  /** SQL that adds the rows with those numbers, both included, to each table. */
  static String rows(int from, int to) {
    return ROWS.replace(":from", Integer.toString(from)).replace(":to", Integer.toString(to));
  }
}
