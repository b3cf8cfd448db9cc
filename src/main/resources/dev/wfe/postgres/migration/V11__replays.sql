-- Up to where the processed events that a subscription covers were made unprocessed again; null when
-- there are no more.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}event_subscriptions"
  add column if not exists replay_time timestamptz,
  add column if not exists replay_id text;
