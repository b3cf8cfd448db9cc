-- Limits of how many workflows of a definition are executed at a time or in a period, and the order
-- of those that are due. A lease that counts against a limit names the definition and the key of
-- its workflow. The table says how many workflows of a definition with a rate were claimed, and when.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}workflows"
  add column if not exists priority int not null default 0,
  add column if not exists limit_key text;

alter table "${schema}"."${prefix}workflows"
  drop constraint if exists "${prefix}workflows_priority_check";

alter table "${schema}"."${prefix}workflows"
  add constraint "${prefix}workflows_priority_check" check (priority between -1 and 1) not valid;

alter table "${schema}"."${prefix}workflow_leases"
  add column if not exists limit_definition text,
  add column if not exists limit_key text;

create table if not exists "${schema}"."${prefix}limit_uses" (
  definition_id text not null,
  used_at timestamptz not null,
  used int not null,
  primary key (definition_id, used_at)
);
