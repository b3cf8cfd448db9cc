package dev.wfe.postgres.internal.sql;

/**
 * The statements that examine the server and the tables of a store. They read the catalogue,
 * PostgreSQL's statistics and at most a bounded number of rows. Ages are in seconds. Thread-safe.
 */
public final class DiagnosisSql {
  /** How many rows of a table are looked at for orphans. */
  public static final int ORPHANS_LOOKED_AT = 100_000;

  /** How many ended workflows are too many. */
  public static final int MANY_ENDED = 100_000;

  /** The values of settings: name, value, source. One row for each name that the server knows. */
  public final NamedSql settings;

  /** Facts about server, database and role. One row. */
  public final NamedSql server;

  /** The tables of the store. No row: there is no store. */
  public final NamedSql tables;

  /**
   * The indexes of these tables, and whether their key has the column that every write changes. One
   * that is being built counts as valid.
   */
  public final NamedSql indexes;

  /** Transactions of this database that are older than so many seconds, the oldest first. */
  public final NamedSql transactions;

  /** Prepared transactions that are older than so many seconds, the oldest first. */
  public final NamedSql prepared;

  /** The replication slots that nobody uses: name, bytes of log that they keep. */
  public final NamedSql slots;

  /**
   * Rows without their workflow or event, by kind. One row for each kind. The offset keeps the
   * planner from reading all workflows for a join.
   */
  public final NamedSql orphans;

  /** Whether there are more than {@value #MANY_ENDED} workflows that ended so long ago. One row. */
  public final NamedSql ended;

  /** Compiles the statements for the store. */
  public DiagnosisSql(StoreNames names) {
    settings =
        new NamedSql(
            names,
            """
            select name, pg_catalog.current_setting(name), source
            from pg_catalog.pg_settings where name = any (:names)
            """);
    server =
        new NamedSql(
            names,
            """
            select pg_catalog.current_setting('server_version'),
              pg_catalog.quote_ident(pg_catalog.current_database()),
              pg_catalog.quote_ident(current_user),
              pg_catalog.pg_is_in_recovery(),
              pg_catalog.pg_jit_available(),
              pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage'),
              (select pg_catalog.count(*) from pg_catalog.pg_stat_activity
                where backend_type = 'client backend'),
              pg_catalog.current_setting('max_connections')::int8
                - pg_catalog.current_setting('superuser_reserved_connections')::int8,
              (select pg_catalog.age(datfrozenxid) from pg_catalog.pg_database
                where datname = pg_catalog.current_database()),
              pg_catalog.current_setting('autovacuum_freeze_max_age')::int8,
              (select setting::int8 * 8192 from pg_catalog.pg_settings
                where name = 'shared_buffers'),
              coalesce((select pg_catalog.to_char(stats_reset at time zone 'UTC',
                  'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                from pg_catalog.pg_stat_database
                where datname = pg_catalog.current_database()), 'they were set up')
            """);
    tables =
        new NamedSql(
            names,
            """
            with wanted as (
              select c.oid, n.nspname, c.relname, c.reltuples::float8 as rows, c.reloptions,
                pg_catalog.pg_relation_size(c.oid) as bytes,
                pg_catalog.pg_total_relation_size(c.oid) as total,
                coalesce((select o.option_value from pg_catalog.pg_options_to_table(c.reloptions) o
                  where o.option_name = 'autovacuum_vacuum_threshold'),
                  pg_catalog.current_setting('autovacuum_vacuum_threshold'))::float8 as threshold,
                coalesce((select o.option_value from pg_catalog.pg_options_to_table(c.reloptions) o
                  where o.option_name = 'autovacuum_vacuum_scale_factor'),
                  pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::float8 as scale,
                coalesce((select o.option_value from pg_catalog.pg_options_to_table(c.reloptions) o
                  where o.option_name = 'fillfactor'), '100')::float8 as fillfactor,
                not exists (select from pg_catalog.pg_options_to_table(c.reloptions) o
                  where o.option_name = 'autovacuum_enabled' and not o.option_value::boolean)
                  as autovacuum
              from pg_catalog.pg_class c
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              where n.nspname = :schema and c.relkind in ('r', 'p') and c.relname = any (:tables)
            )
            select pg_catalog.format('%I.%I', w.nspname, w.relname), w.autovacuum, w.total,
              coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0),
              (w.threshold + w.scale * pg_catalog.greatest(w.rows, 0))::int8,
              pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()
                - pg_catalog.greatest(s.last_vacuum, s.last_autovacuum))::int8,
              s.last_analyze is null and s.last_autoanalyze is null and w.rows < 0::float8,
              case when w.rows >= 0::float8 then (
                w.bytes::float8 - 1.1::float8 * w.rows * 100::float8 / w.fillfactor * (
                select 32::float8 + pg_catalog.sum(
                  (1::float8 - p.null_frac::float8) * p.avg_width::float8)
                from pg_catalog.pg_stats p
                where p.schemaname = :schema and p.tablename = w.relname))::int8 end,
              w.bytes,
              pg_catalog.concat_ws(', ',
                case when not pg_catalog.has_table_privilege(w.oid, 'select') then 'select' end,
                case when not pg_catalog.has_table_privilege(w.oid, 'insert') then 'insert' end,
                case when not (pg_catalog.has_table_privilege(w.oid, 'update')
                  or w.relname = any (:unchanged)) then 'update' end,
                case when not (pg_catalog.has_table_privilege(w.oid, 'delete')
                  or w.relname = any (:unchanged)) then 'delete' end)
            from wanted w left join pg_catalog.pg_stat_all_tables s on s.relid = w.oid
            order by w.relname
            """
                .replace("pg_catalog.greatest", "greatest"));
    indexes =
        new NamedSql(
            names,
            """
            select x.relname, t.relname, pg_catalog.format('%I.%I', n.nspname, x.relname),
              pg_catalog.split_part(pg_catalog.pg_get_indexdef(i.indexrelid), ' USING ', 2),
              i.indisvalid or exists (
                select from pg_catalog.pg_stat_progress_create_index p
                where p.index_relid = i.indexrelid),
              i.indisunique,
              coalesce(s.idx_scan, 0), pg_catalog.pg_relation_size(i.indexrelid),
              exists (select from pg_catalog.pg_attribute a
                where a.attrelid = t.oid and a.attname = 'last_heartbeat_at'
                  and a.attnum = any (i.indkey))
            from pg_catalog.pg_index i
            join pg_catalog.pg_class x on x.oid = i.indexrelid
            join pg_catalog.pg_class t on t.oid = i.indrelid
            join pg_catalog.pg_namespace n on n.oid = t.relnamespace
            left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = i.indexrelid
            where n.nspname = :schema and t.relname = any (:tables)
            order by x.relname
            """);
    transactions =
        new NamedSql(
            names,
            """
            select pid, coalesce(state, ''), coalesce(application_name, ''), coalesce(usename, ''),
              pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - xact_start)::int8
            from pg_catalog.pg_stat_activity
            where datname = pg_catalog.current_database()
              and pid <> pg_catalog.pg_backend_pid() and backend_type = 'client backend'
              and xact_start < pg_catalog.clock_timestamp()
                - pg_catalog.make_interval(secs => :seconds)
            order by xact_start limit 10
            """);
    prepared =
        new NamedSql(
            names,
            """
            select pg_catalog.quote_literal(gid),
              pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - prepared)::int8
            from pg_catalog.pg_prepared_xacts
            where database = pg_catalog.current_database()
              and prepared < pg_catalog.clock_timestamp()
                - pg_catalog.make_interval(secs => :seconds)
            order by prepared limit 10
            """);
    slots =
        new NamedSql(
            names,
            """
            select pg_catalog.quote_literal(slot_name), xmin is not null,
              case when pg_catalog.pg_is_in_recovery() then 0 else
                coalesce(pg_catalog.pg_wal_lsn_diff(
                  pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)::int8 end
            from pg_catalog.pg_replication_slots where not active order by 1
            """);
    orphans =
        new NamedSql(
            names,
            """
            select 'pointers', pg_catalog.count(*)
            from (select workflow_id from {execution_pointers} limit :limit) r
            where not exists (
              select from {workflows} w where w.id = r.workflow_id offset 0)
            union all
            select 'subscriptions', pg_catalog.count(*)
            from (select workflow_id from {event_subscriptions} limit :limit) r
            where not exists (
              select from {workflows} w where w.id = r.workflow_id offset 0)
            union all
            select 'errors', pg_catalog.count(*)
            from (select workflow_id from {execution_errors} limit :limit) r
            where not exists (
              select from {workflows} w where w.id = r.workflow_id offset 0)
            union all
            select 'commands', pg_catalog.count(*)
            from (select command_name, data from {scheduled_commands} limit :limit) r
            where case r.command_name
              when 'ProcessWorkflow' then
                not exists (select from {workflows} w where w.id = r.data offset 0)
              else not exists (select from {events} e where e.id = r.data offset 0) end
            union all
            select 'leases', pg_catalog.count(*)
            from (select workflow_id from {workflow_leases} limit :limit) r
            where not exists (
              select from {workflows} w where w.id = r.workflow_id offset 0)
            """);
    ended =
        new NamedSql(
            names,
            """
            select exists (
              select from {workflows}
              where status in ('Complete', 'Terminated')
                and coalesce(complete_time, create_time) < pg_catalog.clock_timestamp()
                  - pg_catalog.make_interval(days => 90)
              limit 1 offset %s)
            """
                .formatted(MANY_ENDED));
  }
}
