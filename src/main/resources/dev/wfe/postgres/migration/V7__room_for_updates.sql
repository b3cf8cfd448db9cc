-- Instances and pointers are updated several times soon after they came. Where the page has room for
-- the next version, no index is written, and the log is little more than half as long.

set local client_min_messages to error;
set local lock_timeout to '2s';

alter table "${schema}"."${prefix}workflows" set (fillfactor = 70);
alter table "${schema}"."${prefix}execution_pointers" set (fillfactor = 70);
