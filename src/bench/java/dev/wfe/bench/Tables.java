package dev.wfe.bench;

/**
 * The tables and their rows before the measurement. The size is the number of instances, pointers,
 * events and subscriptions. One in a hundred is not finished, and a hundred instances are due.
 */
public final class Tables {
  /** The schema of the Rust provider's tables, with an index on the pointers' workflow. */
  public static final String RUST_PROVIDER = "rust";

  /** The schema of the Rust provider's tables as it creates them. */
  public static final String RUST_PROVIDER_WITHOUT_INDEX = "rust_without_index";

  /** The schema of this library's tables. */
  public static final String LIBRARY = "wfc";

  /** The time at which a hundred instances are due, in epoch milliseconds. */
  public static final long DUE = 100_000_000;

  /** A time at which nothing is due yet. */
  public static final long FAR = 4_000_000_000_000L;

  private static final String ROWS =
      """
      insert into wfc.workflows (id, name, definition_id, version, reference, status, data,
          next_execution, create_time)
        select 'w' || i, 'workflow ' || i, 'order-fulfilment', 3, 'order ' || i,
          case when i %% 100 = 0 then 'Runnable' else 'Complete' end,
          '{"customer": "Ada Lovelace", "lines": [{"sku": "article-1", "quantity": 1}]}',
          case when i %% (%1$d / 100) = 0 then i else %2$d + i end,
          now() - i * interval '1 s'
        from generate_series(1, %1$d) i;
      insert into wfc.execution_pointers (id, workflow_id, step_id, active, status,
          persistence_data, start_time, end_time, step_name)
        select 'p' || i, 'w' || i, 1, false, 'Complete', '{"attempt": 1}', now(), now(), 'step 1'
        from generate_series(1, %1$d) i;
      insert into wfc.events (id, event_name, event_key, event_data, event_time, is_processed)
        select 'e' || i, 'shipped', 'order ' || i, '{"parcels": 1}', now() - i * interval '1 s',
          i %% 100 <> 0
        from generate_series(1, %1$d) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of)
        select 's' || i, 'w' || i, 1, 'p' || i, 'paid', 'order ' || i, now() - i * interval '1 s'
        from generate_series(1, %1$d) i;
      insert into wfc.definition_sequences values ('hibernate', 0);
      """;

  private static final String WORKFLOW =
      "id, name, root_workflow_id, definition_id, version, description, reference, status, data,"
          + " next_execution, create_time, complete_time, last_heartbeat_at";

  private static final String POINTER =
      "id, workflow_id, step_id, active, status, sleep_until, persistence_data, start_time,"
          + " end_time, event_name, event_key, event_published, event_data, step_name,"
          + " retry_count, children, context_item, predecessor_id, outcome, scope,"
          + " extension_attributes";

  private static final String EVENT =
      "id, event_name, event_key, event_data, event_time, is_processed";

  private static final String SUBSCRIPTION =
      "id, workflow_id, step_id, execution_pointer_id, event_name, event_key, subscribe_as_of,"
          + " subscription_data, external_token, external_worker_id, external_token_expiry";

  private static final String RUST_PROVIDER_TABLES =
      """
      create schema %1$s;
      create table %1$s.workflows (
        id text primary key, name text not null unique, root_workflow_id text,
        definition_id text not null, version int not null, description text, reference text,
        status text not null, data jsonb not null default '{}', next_execution bigint,
        create_time timestamptz not null, complete_time timestamptz,
        last_heartbeat_at timestamptz);
      create table %1$s.definition_sequences (
        definition_id text primary key, next_num bigint not null);
      create table %1$s.execution_pointers (
        id text primary key, workflow_id text not null references %1$s.workflows (id),
        step_id int not null, active boolean not null default true, status text not null,
        sleep_until timestamptz, persistence_data jsonb, start_time timestamptz,
        end_time timestamptz, event_name text, event_key text,
        event_published boolean default false, event_data jsonb, step_name text,
        retry_count int default 0, children jsonb default '[]', context_item jsonb,
        predecessor_id text, outcome jsonb, scope jsonb default '[]',
        extension_attributes jsonb default '{}');
      create table %1$s.events (
        id text primary key, event_name text not null, event_key text not null,
        event_data jsonb not null default 'null', event_time timestamptz not null,
        is_processed boolean default false);
      create table %1$s.event_subscriptions (
        id text primary key, workflow_id text not null, step_id int not null,
        execution_pointer_id text not null, event_name text not null, event_key text not null,
        subscribe_as_of timestamptz not null, subscription_data jsonb, external_token text,
        external_worker_id text, external_token_expiry timestamptz);
      create table %1$s.execution_errors (
        id serial primary key, error_time timestamptz not null, workflow_id text not null,
        execution_pointer_id text not null, message text not null);
      create table %1$s.scheduled_commands (
        id serial primary key, command_name text not null, data text not null,
        execute_time bigint not null, unique (command_name, data));
      """;

  private static final String RUST_PROVIDER_INDEXES =
      """
      create index on %1$s.workflows (next_execution);
      create index on %1$s.workflows (status);
      create index on %1$s.events (event_name, event_key);
      create index on %1$s.events (is_processed);
      create index on %1$s.events (event_time);
      create index on %1$s.event_subscriptions (event_name, event_key);
      create index on %1$s.event_subscriptions (workflow_id);
      create index on %1$s.scheduled_commands (execute_time);
      """;

  private Tables() {}

  /** The statements that fill all three schemas. */
  static String filled(int size) {
    return ROWS.formatted(size, FAR)
        + RUST_PROVIDER_TABLES.formatted(RUST_PROVIDER)
        + copy("workflows", "true", RUST_PROVIDER)
        + copy("execution_pointers", "true", RUST_PROVIDER)
        + copy("events", "true", RUST_PROVIDER)
        + copy("event_subscriptions", "true", RUST_PROVIDER)
        + RUST_PROVIDER_INDEXES.formatted(RUST_PROVIDER)
        + "create index on %s.execution_pointers (workflow_id);".formatted(RUST_PROVIDER)
        + RUST_PROVIDER_TABLES.formatted(RUST_PROVIDER_WITHOUT_INDEX)
        + copy("workflows", "true", RUST_PROVIDER_WITHOUT_INDEX)
        + copy("execution_pointers", "true", RUST_PROVIDER_WITHOUT_INDEX)
        + RUST_PROVIDER_INDEXES.formatted(RUST_PROVIDER_WITHOUT_INDEX);
  }

  /** Copies rows of one of this library's tables to the schema. */
  static String copy(String table, String condition, String schema) {
    String columns =
        switch (table) {
          case "workflows" -> WORKFLOW;
          case "execution_pointers" -> POINTER;
          case "events" -> EVENT;
          case "event_subscriptions" -> SUBSCRIPTION;
          default -> throw new IllegalArgumentException(table);
        };
    return "insert into %1$s.%2$s (%3$s) select %3$s from wfc.%2$s where %4$s;"
        .formatted(schema, table, columns, condition);
  }
}
