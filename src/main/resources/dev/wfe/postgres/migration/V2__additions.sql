-- What older stores lack. Names are filled and made mandatory by a later migration. One table per
-- migration, and no long wait for its lock, behind which every reader would have to queue.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}workflows"
  add column if not exists name text,
  add column if not exists root_workflow_id text,
  add column if not exists last_heartbeat_at timestamptz;
