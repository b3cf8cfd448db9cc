package dev.wfe.postgres.internal.schema;

/** Stores as other writers and older versions created them, in schema {@code wfc}. */
public final class OldStores {
  /** What a store of the Rust provider's is today, without its indexes. */
  private static final String ORIGIN_TABLES =
      """
      create schema wfc;

      create table wfc._sqlx_migrations (
        version bigint primary key,
        description text not null,
        installed_on timestamptz not null default now(),
        success boolean not null,
        checksum bytea not null,
        execution_time bigint not null
      );
      insert into wfc._sqlx_migrations
        values (1, 'initial', '2026-01-01', true, '\\x00', 1), (2, 'names', now(), true, '\\x01', 2);

      create table wfc.workflows (
        id text primary key,
        name text not null unique,
        root_workflow_id text,
        definition_id text not null,
        version int not null,
        description text,
        reference text,
        status text not null,
        data jsonb not null default '{}',
        next_execution bigint,
        create_time timestamptz not null,
        complete_time timestamptz,
        last_heartbeat_at timestamptz
      );
      create table wfc.definition_sequences (
        definition_id text primary key,
        next_num bigint not null
      );
      create table wfc.execution_pointers (
        id text primary key,
        workflow_id text not null references wfc.workflows (id),
        step_id int not null,
        active boolean not null default true,
        status text not null,
        sleep_until timestamptz,
        persistence_data jsonb,
        start_time timestamptz,
        end_time timestamptz,
        event_name text,
        event_key text,
        event_published boolean default false,
        event_data jsonb,
        step_name text,
        retry_count int default 0,
        children jsonb default '[]',
        context_item jsonb,
        predecessor_id text,
        outcome jsonb,
        scope jsonb default '[]',
        extension_attributes jsonb default '{}'
      );
      create table wfc.events (
        id text primary key,
        event_name text not null,
        event_key text not null,
        event_data jsonb not null default 'null',
        event_time timestamptz not null,
        is_processed boolean default false
      );
      create table wfc.event_subscriptions (
        id text primary key,
        workflow_id text not null,
        step_id int not null,
        execution_pointer_id text not null,
        event_name text not null,
        event_key text not null,
        subscribe_as_of timestamptz not null,
        subscription_data jsonb,
        external_token text,
        external_worker_id text,
        external_token_expiry timestamptz
      );
      create table wfc.execution_errors (
        id serial primary key,
        error_time timestamptz not null,
        workflow_id text not null,
        execution_pointer_id text not null,
        message text not null
      );
      create table wfc.scheduled_commands (
        id serial primary key,
        command_name text not null,
        data text not null,
        execute_time bigint not null,
        unique (command_name, data)
      );
      """;

  /** What the Rust provider runs at every start. */
  static final String ORIGIN_INDEXES =
      """
      create index if not exists idx_workflows_next_execution on wfc.workflows (next_execution);
      create index if not exists idx_workflows_status on wfc.workflows (status);
      create index if not exists idx_events_name_key on wfc.events (event_name, event_key);
      create index if not exists idx_events_is_processed on wfc.events (is_processed);
      create index if not exists idx_events_event_time on wfc.events (event_time);
      create index if not exists idx_subscriptions_name_key
        on wfc.event_subscriptions (event_name, event_key);
      create index if not exists idx_subscriptions_workflow
        on wfc.event_subscriptions (workflow_id);
      create index if not exists idx_scheduled_commands_execute_time
        on wfc.scheduled_commands (execute_time);
      """;

  /** Rows of every table, 30 workflows with two pointers each; knows no column that came later. */
  private static final String ROWS =
      """
      insert into wfc.execution_pointers
          (id, workflow_id, step_id, status, children, scope, event_data, outcome, start_time)
        select w.id || '/' || p, w.id, p, 'Complete', '["child"]', '["scope"]', 'null',
          '{"n": 1.50}', '1899-12-31 12:00:00.000001+00'
        from wfc.workflows w, generate_series(1, 2) p;
      insert into wfc.execution_pointers
          (id, workflow_id, step_id, status, children, scope, extension_attributes,
            event_published, retry_count)
        values ('nulls', 'w1', 3, 'Pending', null, null, null, null, null);
      insert into wfc.events (id, event_name, event_key, event_data, event_time, is_processed)
        select 'e' || i, 'name', 'key', to_jsonb(i), '4714-11-24 00:00:00+00 BC',
          case i when 1 then null else i % 2 = 0 end
        from generate_series(1, 10) i;
      insert into wfc.event_subscriptions (id, workflow_id, step_id, execution_pointer_id,
          event_name, event_key, subscribe_as_of, external_token)
        values ('s1', 'w1', 1, 'w1/1', 'name', 'key', now(), 'token');
      insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
        values (now(), 'w1', 'w1/1', 'message');
      insert into wfc.scheduled_commands (command_name, data, execute_time)
        values ('ProcessWorkflow', 'w1', 0), ('AnotherWord', 'w2', 9223372036854775807);
      """;

  private static final String NAMED_WORKFLOWS =
      """
      insert into wfc.workflows
          (id, name, definition_id, version, status, data, next_execution, create_time)
        select 'w' || i, 'definition-' || i, 'definition', 1, 'Runnable', '{"a": null}', i, now()
        from generate_series(1, 30) i;
      insert into wfc.definition_sequences values ('definition', 30);
      """;

  private static final String NAMELESS_WORKFLOWS =
      """
      insert into wfc.workflows
          (id, definition_id, version, status, data, next_execution, create_time)
        select 'w' || i, 'definition', 1, 'Runnable', '{"a": null}', i, now()
        from generate_series(1, 30) i;
      """;

  /** A store of the Rust provider's of today. */
  public static final String RUST_PROVIDER =
      ORIGIN_TABLES + ORIGIN_INDEXES + NAMED_WORKFLOWS + ROWS;

  /** One that knows no heartbeat. */
  static final String WITHOUT_HEARTBEAT =
      RUST_PROVIDER + "alter table wfc.workflows drop column last_heartbeat_at;";

  /** One whose workflows have neither name nor root, and which counts no definitions. */
  public static final String WITHOUT_NAMES =
      ORIGIN_TABLES
          + ORIGIN_INDEXES
          + """
          alter table wfc.workflows
            drop column name, drop column root_workflow_id, drop column last_heartbeat_at;
          drop table wfc.definition_sequences;
          """
          + NAMELESS_WORKFLOWS
          + ROWS;

  /** One whose names are unique by an index alone. */
  static final String WITH_UNIQUE_INDEX =
      RUST_PROVIDER
          + """
          alter table wfc.workflows drop constraint workflows_name_key;
          create unique index idx_workflows_name on wfc.workflows (name);
          """;

  /** The rows of a store of our own first version. */
  static final String ROWS_OF_TODAY = NAMED_WORKFLOWS + ROWS;

  private OldStores() {}
}
