package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.HostRepository;

/** The statements with which hosts register themselves. Thread-safe. */
public final class HostSql {
  private static final String REGISTER =
      """
      with old as materialized (
        select h.id from {workflow_hosts} h
        where h.expires_at < (select clock_timestamp() - interval '%s days') and h.id <> :id
        order by h.expires_at, h.id limit %s for update of h skip locked
      ), removed as (
        delete from {workflow_hosts} h where h.id = any(array(select old.id from old))
      )
      insert into {workflow_hosts} as h
        (id, name, version, started_at, last_seen_at, expires_at, definitions)
      select :id, :name, :version, t.now - :ageMicros::float8 * interval '1 microsecond', t.now,
        t.now + :validityMicros::float8 * interval '1 microsecond', :definitions::jsonb
      from (select clock_timestamp() as now offset 0) t
      on conflict (id) do update
        set last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at
      """
          .formatted(
              Integer.toString(HostRepository.KEPT_DAYS),
              Integer.toString(HostRepository.MAX_REMOVED));

  /**
   * Inserts the row of a host, or changes the times of its heartbeat and expiry. Deletes rows of
   * hosts that have given none for long. Always writes one row.
   */
  public final NamedSql register;

  /** Deletes the row of a host. Writes one row, or none if there is no such host. */
  public final NamedSql remove;

  /** Compiles the statements for the store. */
  public HostSql(StoreNames names) {
    register = new NamedSql(names, REGISTER);
    remove = new NamedSql(names, "delete from {workflow_hosts} where id = :id");
  }
}
