package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.RandomWorkflow;
import java.util.List;
import java.util.stream.Collectors;

/** A rule about what the {@link Journal} must not show, and the query that finds it. */
enum JournalRule {
  /** A claim under limits gives up the leases of others that it does not count. */
  LEASE_TAKEN_TOO_EARLY(
      "a lease was taken over or given up before it expired",
      """
      select workflow_id, owner, old_owner, at, old_expires_at from proof.leases
      where what in ('taken over', 'given up') and old_expires_at > at
      """),

  LEASE_RELEASED_BY_ANOTHER(
      "a lease that no limit counts was ended by another host than its owner",
      """
      select l.workflow_id, l.application, l.old_owner, l.at from proof.leases l
      where l.what = 'given up' and l.limit_definition is null
      """),

  /** The lease's row as it was before the transaction that wrote the outcome. */
  WRITTEN_WITHOUT_LEASE(
      "an outcome was written by a host that had no lease, or whose lease was taken over",
      """
      select p.workflow_id, p.step, p.status, p.application, l.what, l.owner, p.at
      from proof.pointers p left join lateral (
        select * from proof.leases l
        where l.workflow_id = p.workflow_id and l.seq < p.seq
          and not (l.what in ('released', 'given up') and l.transaction = p.transaction)
        order by l.seq desc limit 1) l on true
      where p.step like 'execute %' and p.status in ('Complete', 'Failed', 'Sleeping')
        and (l.owner is null or l.owner not like p.application || '.%')
      """),

  /** A host that was stopped or cut off cannot know that it has lost its lease. */
  EXECUTED_WITHOUT_LEASE(
      "a step was executed by a host that had no lease, and had not lost it to another host",
      """
      select e.workflow_id, e.step, e.host, e.lease_owner, e.begun_at from proof.executions e
      where e.lease_owner is distinct from e.host
        and not exists (
          select from proof.leases t where t.workflow_id = e.workflow_id
            and t.what in ('taken over', 'given up') and t.old_owner = e.host and t.seq < e.seq)
        and not exists (
          select from proof.closings c where c.host = e.host and c.seq < e.seq)
      """),

  /**
   * The outcome was stored by another host, after that had taken over the lease under which this
   * execution was due.
   */
  EXECUTED_AFTER_OUTCOME(
      "a step was executed although its outcome was stored, and its host had not lost its lease",
      """
      select e.workflow_id, e.step, e.host, e.status, e.lease_owner, e.begun_at
      from proof.executions e
      where e.status is distinct from 'Pending'
        and not exists (
          select from proof.leases t where t.workflow_id = e.workflow_id
            and t.what in ('taken over', 'given up') and t.old_owner = e.host
            and t.seq > (select min(seq) from proof.pointers p where p.pointer_id = e.pointer_id)
            and t.seq < (select max(seq) from proof.pointers p
              where p.pointer_id = e.pointer_id and p.seq < e.seq and p.status <> 'Pending'))
        and not exists (
          select from proof.closings c where c.host = e.host and c.seq < e.seq)
      """),

  /**
   * The same failures were stored before both executions, so no outcome was stored in between. A
   * transaction may be repeated because its connection broke. A host that takes over a lease of its
   * own, which has expired, does not know yet that the first execution has lost it.
   */
  EXECUTED_AGAIN(
      "a step was executed again, although neither host had lost its lease or was closed",
      """
      select e.workflow_id, e.step, e.failures, e.host, e.begun_at, f.host, f.begun_at
      from proof.executions e join proof.executions f
        on f.pointer_id = e.pointer_id and f.failures = e.failures and f.seq > e.seq
      where e.in_transaction is false
        and not exists (
          select from proof.leases t where t.workflow_id = e.workflow_id
            and t.what in ('taken over', 'given up') and t.old_owner in (e.host, f.host)
            and t.seq < f.seq
            and t.seq > (select min(seq) from proof.pointers p where p.pointer_id = e.pointer_id))
        and not exists (
          select from proof.closings c where c.host in (e.host, f.host) and c.seq < f.seq)
      """),

  /**
   * Only a step that has failed makes a host suspend or terminate a workflow; it terminates a
   * suspended one, too. If somebody resumes it without retrying the step, it is suspended again
   * when nothing else can go on. A host also terminates the children of a workflow that has ended;
   * a child has the id of a step of its parent.
   */
  STATUS_OVERWRITTEN(
      "a host changed the status of a workflow, and no step or parent had failed or ended it",
      """
      select s.workflow_id, s.application, s.old_status, s.status, s.at from proof.statuses s
      where s.application not in ('workload') and not (
        s.old_status = 'Runnable' and s.status = 'Complete'
        or (s.old_status = 'Runnable' or s.status = 'Terminated')
          and s.status in ('Suspended', 'Terminated') and exists (
          select from proof.pointers p where p.workflow_id = s.workflow_id
            and p.transaction = s.transaction and p.status = 'Failed')
        or s.old_status in ('Runnable', 'Suspended') and s.status = 'Terminated' and exists (
          select from proof.statuses parent
            join wfc.execution_pointers p on p.workflow_id = parent.workflow_id
          where parent.seq < s.seq and parent.status in ('Complete', 'Terminated')
            and starts_with(s.workflow_id, p.id))
        or s.old_status = 'Runnable' and s.status = 'Suspended' and exists (
          select from proof.pointers p where p.workflow_id = s.workflow_id
            and p.seq < s.seq and p.status = 'Failed'
            and not exists (
              select from proof.pointers later where later.pointer_id = p.pointer_id
                and later.seq > p.seq and later.seq < s.seq)))
      """),

  /** The second host's lease was live, so the first one's must have been lost or given back. */
  TWO_HOSTS(
      "a workflow was executed by two hosts that both had a lease",
      """
      select e.workflow_id, e.step, e.host, e.begun_at, e.ended_at, f.step, f.host, f.begun_at
      from proof.executions e join proof.executions f
        on f.workflow_id = e.workflow_id and f.seq > e.seq and f.host <> e.host
          and (e.ended_at is null or f.begun_at < e.ended_at)
      where e.lease_owner = e.host and f.lease_owner = f.host
        and not exists (
          select from proof.leases t where t.workflow_id = e.workflow_id
            and t.what in ('taken over', 'given up') and t.old_epoch = e.lease_epoch
            and t.old_expires_at <= t.at
            and t.seq < f.seq)
        and not exists (
          select from proof.closings c where c.host = e.host and c.seq < f.seq)
        and not exists (
          select from proof.pointers p where p.pointer_id = e.pointer_id
            and p.seq > e.seq and p.seq < f.seq and p.status <> 'Pending')
      """),

  /** Each failure has an error of its own. */
  OUTCOME_APPLIED_TWICE(
      "more outcomes of a step were stored than it had executions",
      """
      select p.workflow_id, p.step_name, o.outcomes, o.executions
      from wfc.execution_pointers p cross join lateral (
        select (select count(*) from wfc.execution_errors e
            where e.workflow_id = p.workflow_id and e.execution_pointer_id = p.id)
            + (case when p.status = 'Complete' then 1 else 0 end) as outcomes,
          (select count(*) from proof.executions x where x.pointer_id = p.id) as executions) o
      where p.step_name like 'execute %' and o.outcomes > o.executions
      """),

  /** A step that was complete is Running again while it is compensated. */
  BOOKED_OTHER_THAN_ONCE(
      "the rows of a transactional step are not there exactly once",
      """
      select p.workflow_id, p.step_name, p.status, count(b.pointer_id)
      from wfc.execution_pointers p
        join (select distinct pointer_id from proof.executions where in_transaction) e
          on e.pointer_id = p.id
        left join proof.bookings b on b.pointer_id = p.id
      group by p.workflow_id, p.step_name, p.status, p.id
      having count(b.pointer_id)
        <> case when p.status in ('Complete', 'Running', 'Compensated') then 1 else 0 end
      """),

  /** What breaks a connection breaks the step that uses it, which is a failure like any other. */
  UNEXPECTED_ERROR(
      "a step failed for another reason than its definition or its connection",
      """
      select e.workflow_id, p.step_name, e.message
      from wfc.execution_errors e join wfc.execution_pointers p on p.id = e.execution_pointer_id
      where e.message not like '%planned failure%'
        and e.message not like 'Child workflow % was terminated' and p.step_name is not null
        and not exists (
          select from proof.executions x where x.pointer_id = p.id and x.in_transaction)
      """),

  /**
   * A claim that counts a lease as ended began after the transaction that ended it. So the sequence
   * has their order.
   */
  LIMIT_EXCEEDED(
      "more workflows of a definition were leased at a time than its limit allows",
      """
      select * from (
        select l.workflow_id, l.limit_definition, l.at,
          sum(case what when 'taken' then 1 when 'taken over' then 0 else -1 end) over (
            partition by l.limit_definition order by l.seq) as leased
        from proof.leases l where l.limit_definition is not null) counted
      where leased > %s
      """
          .formatted(RandomWorkflow.CONCURRENCY)),

  KEY_LIMIT_EXCEEDED(
      "more workflows with the same key were leased at a time than its limit allows",
      """
      select * from (
        select l.workflow_id, l.limit_definition, l.limit_key, l.at,
          sum(case what when 'taken' then 1 when 'taken over' then 0 else -1 end) over (
            partition by l.limit_definition, l.limit_key order by l.seq) as leased
        from proof.leases l where l.limit_definition is not null) counted
      where leased > 1
      """),

  LEFT_SUBSCRIPTION(
      "a workflow that has ended waits for an event",
      """
      select s.workflow_id, s.event_key from wfc.event_subscriptions s
        join wfc.workflows w on w.id = s.workflow_id
      where w.status in ('Complete', 'Terminated') and w.definition_id like 'random %'
      """);

  private static final int SHOWN = 3;

  private final String problem;
  private final String query;

  JournalRule(String problem, String query) {
    this.problem = problem;
    this.query = query;
  }

  /** What breaks the rule; empty if nothing does. */
  List<String> violations(Sql database) {
    List<String> rows = database.rows(query).stream().map(Object::toString).toList();
    return rows.isEmpty()
        ? List.of()
        : List.of(
            "%s (%s): %s"
                .formatted(
                    problem,
                    rows.size(),
                    rows.stream().limit(SHOWN).collect(Collectors.joining("; "))));
  }
}
