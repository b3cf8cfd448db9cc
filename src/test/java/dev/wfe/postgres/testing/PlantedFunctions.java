package dev.wfe.postgres.testing;

/**
 * Functions and operators in the schema {@code public} that fail when they are called, for
 * arguments for which PostgreSQL's own have no exact match. A statement of the library that calls
 * one resolved a name by the search path.
 */
public final class PlantedFunctions {
  private static final String TYPES =
      "array['bool', 'int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'text', 'varchar',"
          + " 'name', 'jsonb', 'timestamptz', 'interval', 'xid', 'tid', 'text[]', 'int4[]', 'int8[]',"
          + " 'bool[]']::text[]";

  private PlantedFunctions() {}

  /** Adds them to the database. */
  public static void plant(TestDatabase database) {
    database.execute(
        """
        do $$
        declare
          one record;
        begin
          perform pg_catalog.set_config('search_path', 'pg_catalog', true);
          for one in
            select l.type as l, r.type as r
            from unnest(%1$s) l(type) cross join unnest(%1$s) r(type)
          loop
            execute format(
              'create function public.planted(%%s, %%s) returns bool language plpgsql'
              ' as ''begin raise exception ''''a planted operator was called''''; end''',
              one.l, one.r);
          end loop;
          for one in
            select o.name, l.type as l, r.type as r
            from unnest(array['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||', '&']) o(name)
              cross join unnest(%1$s) l(type) cross join unnest(%1$s) r(type)
            where not exists (
              select from pg_operator p
              where p.oprname = o.name and p.oprnamespace = 'pg_catalog'::regnamespace
                and p.oprleft = l.type::regtype and p.oprright = r.type::regtype)
          loop
            execute format(
              'create operator public.%%s (leftarg = %%s, rightarg = %%s, function = public.planted)',
              one.name, one.l, one.r);
          end loop;
          for one in
            select n.name, t.type
            from (
              select distinct proname as name from pg_proc
              where pronamespace = 'pg_catalog'::regnamespace and prokind in ('f', 'a')
                and proname in (
                  'set_config', 'current_setting', 'pg_advisory_xact_lock', 'chr', 'hashtext',
                  'pg_advisory_xact_lock_shared', 'hashtextextended', 'clock_timestamp', 'unnest',
                  'jsonb_exists', 'jsonb_object', 'jsonb_object_agg', 'array_agg', 'max', 'min',
                  'count', 'generate_series', 'cardinality', 'array_length', 'pg_try_advisory_lock',
                  'pg_advisory_lock', 'pg_advisory_unlock', 'split_part', 'pg_get_indexdef',
                  'to_regclass', 'quote_ident', 'format', 'string_agg', 'left', 'length', 'now')
            ) n
            cross join (
              select l.type from unnest(%1$s) l(type)
              union all
              select l.type || ', ' || r.type
              from unnest(%1$s) l(type) cross join unnest(%1$s) r(type)
              union all
              select l.type || ', ' || r.type || ', bool'
              from unnest(%1$s) l(type) cross join unnest(%1$s) r(type)
            ) t
          loop
            begin
              if to_regprocedure('pg_catalog.' || one.name || '(' || one.type || ')') is null then
                execute format(
                  'create function public.%%I(%%s) returns bool language plpgsql'
                  ' as ''begin raise exception ''''a planted function was called''''; end''',
                  one.name, one.type);
              end if;
            exception when duplicate_function then null;
            end;
          end loop;
        end
        $$
        """
            .formatted(TYPES));
  }
}
