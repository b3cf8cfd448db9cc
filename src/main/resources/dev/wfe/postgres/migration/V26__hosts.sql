-- The hosts, as they register themselves: one row for each that runs, with its last sign of life and
-- until when it counts as live. The table is small, and has no index on times: an update of them
-- then changes no index.

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
