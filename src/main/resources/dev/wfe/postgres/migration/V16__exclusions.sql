-- The ids of the events that a subscription does not cover, as a JSON list; null for none.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}event_subscriptions"
  add column if not exists excluded_event_ids jsonb;
