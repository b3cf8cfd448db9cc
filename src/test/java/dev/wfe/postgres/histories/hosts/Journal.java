package dev.wfe.postgres.histories.hosts;

/**
 * Tables beside the store, in which the database itself records what happens, in one order.
 * Triggers record who takes and ends leases, and who changes the status of steps, in the
 * transaction that does it. Steps record their executions in transactions of their own, together
 * with what they read of the lease and of their own outcome at that moment.
 */
final class Journal {
  /** What a lease's row goes through, and what a pointer's row does. */
  private static final String TABLES =
      """
      create schema proof;
      create sequence proof.seq;
      create table proof.leases (
        seq bigint not null default nextval('proof.seq'),
        at timestamptz not null default clock_timestamp(),
        transaction bigint not null default txid_current(),
        application text not null default current_setting('application_name'),
        workflow_id text not null, what text not null,
        owner text, epoch bigint, old_owner text, old_epoch bigint, old_expires_at timestamptz,
        limit_definition text, limit_key text);
      create index on proof.leases (workflow_id, seq);
      create table proof.pointers (
        seq bigint not null default nextval('proof.seq'),
        at timestamptz not null default clock_timestamp(),
        transaction bigint not null default txid_current(),
        application text not null default current_setting('application_name'),
        workflow_id text not null, pointer_id text not null, step text, status text not null);
      create index on proof.pointers (pointer_id, seq);
      create table proof.statuses (
        seq bigint not null default nextval('proof.seq'),
        at timestamptz not null default clock_timestamp(),
        transaction bigint not null default txid_current(),
        application text not null default current_setting('application_name'),
        workflow_id text not null, old_status text not null, status text not null);
      create table proof.executions (
        id text primary key,
        seq bigint not null default nextval('proof.seq'),
        host text not null, workflow_id text not null, step text not null,
        pointer_id text not null, in_transaction boolean not null,
        begun_at timestamptz not null, ended_at timestamptz,
        planned_failures int not null, failures int not null, status text,
        lease_owner text, lease_epoch bigint, lease_is_live boolean);
      create index on proof.executions (workflow_id, seq);
      create table proof.bookings (pointer_id text not null);
      create table proof.closings (
        host text not null, seq bigint not null default nextval('proof.seq'));

      create function proof.lease_changed() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then
          insert into proof.leases
              (workflow_id, what, owner, epoch, limit_definition, limit_key)
            values (new.workflow_id, 'taken', new.owner, new.epoch, new.limit_definition,
              new.limit_key);
        elsif tg_op = 'DELETE' then
          insert into proof.leases
              (workflow_id, what, old_owner, old_epoch, old_expires_at, limit_definition,
              limit_key)
            values (old.workflow_id,
              case when old.owner not like current_setting('application_name') || '.%'
                or (old.limit_definition is not null and old.expires_at <= clock_timestamp())
                then 'given up' else 'released' end, old.owner, old.epoch, old.expires_at,
              old.limit_definition, old.limit_key);
        elsif old.epoch <> new.epoch then
          insert into proof.leases
              (workflow_id, what, owner, epoch, old_owner, old_epoch, old_expires_at)
            values (new.workflow_id, 'taken over', new.owner, new.epoch, old.owner, old.epoch,
              old.expires_at);
        end if;
        return null;
      end $$;
      create trigger proof after insert or update or delete on wfc.workflow_leases
        for each row execute function proof.lease_changed();

      create function proof.pointer_changed() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' or old.status <> new.status then
          insert into proof.pointers (workflow_id, pointer_id, step, status)
            values (new.workflow_id, new.id, new.step_name, new.status);
        end if;
        return null;
      end $$;
      create trigger proof after insert or update on wfc.execution_pointers
        for each row execute function proof.pointer_changed();

      create function proof.status_changed() returns trigger language plpgsql as $$
      begin
        insert into proof.statuses (workflow_id, old_status, status)
          values (new.id, old.status, new.status);
        return null;
      end $$;
      create trigger proof after update on wfc.workflows
        for each row when (old.status <> new.status) execute function proof.status_changed();

      grant usage on schema proof to public;
      grant all on all tables in schema proof to public;
      grant all on all sequences in schema proof to public;
      """;

  private Journal() {}

  /** Begins to record in the database, which has a store. */
  static void begin(Sql database) {
    database.execute(TABLES);
  }
}
