package dev.wfe.postgres.concurrency;

/** A lock that a third session holds for a while, so that an operation has to wait. */
public enum LockPoint {
  WORKFLOW("select from wfc.workflows where id = 'w1' for update"),
  POINTER("select from wfc.execution_pointers where id = 'p1' for update"),
  EVENT("select from wfc.events where id = 'e1' for update"),
  SUBSCRIPTION("select from wfc.event_subscriptions where id = 's1' for update"),
  COMMAND("select from wfc.scheduled_commands where data = 'w1' for update"),
  SEQUENCE("select from wfc.definition_sequences where definition_id = 'd1' for update"),
  TOPIC(
      """
      select pg_advisory_xact_lock(
        hashtext('"wfc"."events"'),
        (hashtextextended('event1' || chr(31) || 'key1', 0) & 511)::int)
      """),
  NEW_WORKFLOW(
      """
      insert into wfc.workflows (id, name, definition_id, version, status, create_time)
      values ('w3', 'another', 'd', 1, 'Runnable', now())
      """),
  NEW_NAME(
      """
      insert into wfc.workflows (id, name, definition_id, version, status, create_time)
      values ('another', 'n3', 'd', 1, 'Runnable', now())
      """),
  NEW_POINTER(
      """
      insert into wfc.execution_pointers (id, workflow_id, step_id, status)
      values ('p3', 'w2', 1, 'Pending')
      """),
  NEW_SUBSCRIPTION(
      """
      insert into wfc.event_subscriptions (
        id, workflow_id, step_id, execution_pointer_id, event_name, event_key, subscribe_as_of)
      values ('s3', 'w2', 1, 'p', 'another', 'another', now())
      """),
  NEW_EVENT(
      """
      insert into wfc.events (id, event_name, event_key, event_time)
      values ('e3', 'another', 'another', now())
      """),
  NEW_COMMAND(
      """
      insert into wfc.scheduled_commands (command_name, data, execute_time)
      values ('ProcessWorkflow', 'w3', 0)
      """),
  NEW_SEQUENCE("insert into wfc.definition_sequences (definition_id, next_num) values ('d3', 1)");

  private final String sql;

  LockPoint(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
