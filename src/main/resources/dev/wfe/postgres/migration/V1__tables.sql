-- The tables as every writer of this store knows them. Nothing here may be renamed, retyped or
-- dropped, and what is there already stays as it is.

set local client_min_messages to error;

create table if not exists "${schema}"."${prefix}workflows" (
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

create table if not exists "${schema}"."${prefix}definition_sequences" (
  definition_id text primary key,
  next_num bigint not null
);

create table if not exists "${schema}"."${prefix}execution_pointers" (
  id text primary key,
  workflow_id text not null references "${schema}"."${prefix}workflows" (id),
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

create table if not exists "${schema}"."${prefix}events" (
  id text primary key,
  event_name text not null,
  event_key text not null,
  event_data jsonb not null default 'null',
  event_time timestamptz not null,
  is_processed boolean default false
);

create table if not exists "${schema}"."${prefix}event_subscriptions" (
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

create table if not exists "${schema}"."${prefix}execution_errors" (
  id bigserial primary key,
  error_time timestamptz not null,
  workflow_id text not null,
  execution_pointer_id text not null,
  message text not null
);

create table if not exists "${schema}"."${prefix}scheduled_commands" (
  id bigserial primary key,
  command_name text not null,
  data text not null,
  execute_time bigint not null,
  unique (command_name, data)
);
