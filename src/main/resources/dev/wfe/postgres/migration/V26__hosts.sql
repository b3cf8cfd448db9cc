-- The hosts, as they register themselves: one row for each that runs, with its last heartbeat and
-- until when it counts as live. The index finds those that are live, and those that have been
-- dead for long.

set local client_min_messages to error;

create table if not exists "${schema}"."${prefix}workflow_hosts" (
  id text primary key,
  name text not null,
  version text,
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  definitions jsonb not null
);

create index if not exists "${prefix}idx_workflow_hosts_expiry"
  on "${schema}"."${prefix}workflow_hosts" (expires_at, id);
