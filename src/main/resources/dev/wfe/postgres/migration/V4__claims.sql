-- Leases on commands that are being handled. A claim holds while its row has time left; a row of
-- the commands that names no claim is free.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}scheduled_commands"
  add column if not exists claim_token text,
  add column if not exists claimed_time bigint;

create table if not exists "${schema}"."${prefix}command_claims" (
  claim_token text primary key,
  claimed_until timestamptz not null
);
