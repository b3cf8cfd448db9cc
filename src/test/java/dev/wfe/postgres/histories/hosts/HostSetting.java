package dev.wfe.postgres.histories.hosts;

import dev.wfe.postgres.histories.hosts.HostProgram.Pool;
import dev.wfe.postgres.internal.schema.OldStores;

/** How hosts reach the database, and how it is set up. */
enum HostSetting {
  PLAIN(Pool.OWN, "", ""),
  EXTERNAL_POOL(Pool.EXTERNAL, "", ""),
  EXTENDED_QUERIES_ONLY(Pool.OWN, "&preferQueryMode=extended", ""),
  EVERYTHING_PREPARED(Pool.OWN, "&preferQueryMode=extendedCacheEverything&prepareThreshold=1", ""),
  NOTHING_PREPARED(Pool.EXTERNAL, "&prepareThreshold=0", ""),
  UNTYPED_STRINGS(Pool.EXTERNAL, "&stringtype=unspecified&autosave=always", ""),
  PGBOUNCER(Pool.OWN, "", ""),
  PGBOUNCER_AND_EXTERNAL_POOL(Pool.EXTERNAL, "&prepareThreshold=0", ""),
  UPGRADED_STORE(Pool.OWN, "", OldStores.RUST_PROVIDER),
  UPGRADED_OLDEST_STORE(Pool.EXTERNAL, "", OldStores.WITHOUT_NAMES),
  GENERIC_PLANS(
      Pool.OWN,
      "",
      """
      alter database "%1$s" set plan_cache_mode to force_generic_plan;
      alter database "%1$s" set work_mem to '64kB';
      """),
  STRICTER_ISOLATION(
      Pool.OWN, "", "alter database \"%1$s\" set default_transaction_isolation to 'serializable'"),
  FOREIGN_FORMATS(
      Pool.OWN,
      "",
      """
      alter database "%1$s" set datestyle to 'German';
      alter database "%1$s" set intervalstyle to 'sql_standard';
      alter database "%1$s" set bytea_output to 'escape';
      alter database "%1$s" set timezone to 'Asia/Kathmandu';
      """),

  /**
   * Claims wait between their snapshot and their row locks, as on a busy server, while hosts are
   * closed all the time, so that they give back what they have begun and is due.
   */
  SLOW_CLAIMS(
      Pool.OWN,
      "&options=-c%20role=slow",
      """
      do $$ begin
        if not exists (select from pg_roles where rolname = 'slow') then
          create role slow;
        end if;
      end $$;
      create function public.dawdle() returns boolean language plpgsql volatile as $$
      begin
        if current_query() like '%%insert into "wfc"."workflow_leases"%%' and random() < 0.01 then
          perform pg_sleep(random());
        end if;
        return true;
      end $$;
      """);

  /** What the role of {@link #SLOW_CLAIMS} needs once there is a store. */
  private static final String RIGHTS =
      """
      grant usage on schema wfc to slow;
      grant all on all tables in schema wfc to slow;
      grant all on all sequences in schema wfc to slow;
      alter table wfc.workflows enable row level security;
      create policy dawdling on wfc.workflows to slow using (public.dawdle());
      """;

  private final Pool pool;
  private final String parameters;
  private final String preparation;

  HostSetting(Pool pool, String parameters, String preparation) {
    this.pool = pool;
    this.parameters = parameters;
    this.preparation = preparation;
  }

  Pool pool() {
    return pool;
  }

  /** Parameters of the hosts' URL. */
  String parameters() {
    return parameters;
  }

  /** SQL for the database with that name, before a store is created or upgraded. */
  String preparation(String database) {
    return preparation.startsWith("create schema") ? preparation : preparation.formatted(database);
  }

  /** SQL for the database with a store. */
  String completion() {
    return this == SLOW_CLAIMS ? RIGHTS : "";
  }

  boolean closesOnly() {
    return this == SLOW_CLAIMS;
  }

  boolean usesPgBouncer() {
    return this == PGBOUNCER || this == PGBOUNCER_AND_EXTERNAL_POOL;
  }
}
