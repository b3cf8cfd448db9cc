-- What older stores lack. Names are filled and made mandatory by the next migration.

alter table "${schema}"."${prefix}workflows"
  add column if not exists name text,
  add column if not exists root_workflow_id text,
  add column if not exists last_heartbeat_at timestamptz;

-- What only this library knows; every other writer may leave it out.

create sequence if not exists "${schema}"."${prefix}execution_pointers_position_seq"
  start with 1000000;

-- In two steps, because adding the column with this default would rewrite the table.
alter table "${schema}"."${prefix}execution_pointers"
  add column if not exists position bigint;
alter table "${schema}"."${prefix}execution_pointers"
  alter column position
  set default nextval('"${schema}"."${prefix}execution_pointers_position_seq"');

alter table "${schema}"."${prefix}scheduled_commands"
  add column if not exists claim_token text,
  add column if not exists claimed_time bigint;

create table if not exists "${schema}"."${prefix}command_claims" (
  claim_token text primary key,
  claimed_until timestamptz not null
);
