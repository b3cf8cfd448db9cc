-- Leases on workflows and events that a host has claimed, and the graphs of workflow definitions. A
-- lease is a row of its own, so that taking, renewing and releasing it changes neither the revision
-- nor the due time of a workflow. No index but the key: renewals then write no index.

set local client_min_messages to error;
set local lock_timeout to '2s';

create table if not exists "${schema}"."${prefix}workflow_leases" (
  workflow_id text primary key,
  owner text not null,
  epoch bigint not null,
  attempt int not null,
  expires_at timestamptz not null
) with (fillfactor = 70);

create table if not exists "${schema}"."${prefix}event_leases" (
  event_id text primary key,
  owner text not null,
  epoch bigint not null,
  expires_at timestamptz not null
) with (fillfactor = 70);

create table if not exists "${schema}"."${prefix}workflow_definitions" (
  definition_id text not null,
  version int not null,
  graph jsonb not null,
  primary key (definition_id, version)
);
