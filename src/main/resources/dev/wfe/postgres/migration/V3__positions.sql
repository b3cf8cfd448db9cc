-- The order of pointers. In two steps, because adding the column with its default would rewrite the
-- table: old rows have no position, and rows of writers that do not know it get one as they come.

set local client_min_messages to error;
set local lock_timeout to '2s';

create sequence if not exists "${schema}"."${prefix}execution_pointers_position_seq"
  start with 1000000;

alter table "${schema}"."${prefix}execution_pointers"
  add column if not exists position bigint;
alter table "${schema}"."${prefix}execution_pointers"
  alter column position
  set default nextval('"${schema}"."${prefix}execution_pointers_position_seq"');
