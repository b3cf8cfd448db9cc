package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.RandomWorkflow;
import dev.wfe.host.WorkflowClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides at the end whether everything was executed as the definitions say: each workflow has
 * ended in the state to which its definition leads, and the {@link Journal} breaks no {@link
 * JournalRule}.
 */
final class HostChecker {
  private static final String FAILURES =
      """
      select execution_pointer_id, message like '%planned failure%', count(*)
      from wfc.execution_errors
      group by 1, 2
      """;

  private static final String WITH_CHILDREN =
      """
      select id from wfc.workflows
      where (id = '%1$s' or root_workflow_id = '%1$s') and status = 'Terminated'
      """;

  private final Sql database;
  private final WorkflowClient client;

  HostChecker(Sql database, WorkflowClient client) {
    this.database = database;
    this.client = client;
  }

  /** The failures that are stored. Whether there were too many executions, the rules decide. */
  private static final class StoredFailures implements RandomWorkflow.Attempts {
    private final Map<List<String>, Integer> counts = new HashMap<>();

    StoredFailures(Sql database) {
      database
          .rows(FAILURES)
          .forEach(
              row ->
                  counts.put(
                      List.of(String.valueOf(row.get(0)), String.valueOf(row.get(1))),
                      Integer.valueOf(String.valueOf(row.get(2)))));
    }

    @Override
    public int plannedFailures(String execution) {
      return counts.getOrDefault(List.of(execution, "t"), 0);
    }

    @Override
    public int otherFailures(String execution) {
      return counts.getOrDefault(List.of(execution, "f"), 0);
    }

    @Override
    public int withoutOutcome(String execution, boolean isComplete) {
      return 0;
    }
  }

  /**
   * Returns what is wrong; empty if nothing is.
   *
   * @param started the definitions of the workflows
   * @param unfinished the ids of those that have not ended
   * @param terminated the ids of those that were terminated by a call, perhaps too late
   */
  List<String> problems(
      List<RandomWorkflow> started, Set<String> unfinished, Set<String> terminated) {
    List<String> problems = new ArrayList<>();
    unfinished.forEach(
        id ->
            problems.add(
                "workflow %s is lost: %s"
                    .formatted(
                        id,
                        database.rows(
                            """
                            select w.status, w.next_execution, p.step_name, p.status, l.owner
                            from wfc.workflows w
                              left join wfc.execution_pointers p on p.workflow_id = w.id
                                and p.active
                              left join wfc.workflow_leases l on l.workflow_id = w.id
                            where w.id = '%s'
                            """
                                .formatted(id)))));
    StoredFailures failures = new StoredFailures(database);
    for (int i = 0; i < started.size(); i++) {
      String id = HostWorkload.id(i);
      RandomWorkflow definition = started.get(i);
      if (!unfinished.contains(id) && !isTerminatedByACall(id, terminated)) {
        definition
            .problems(client.state(definition.workflow(), id), failures)
            .forEach(
                problem -> problems.add("workflow %s: %s; %s".formatted(id, problem, definition)));
      }
    }
    for (JournalRule rule : JournalRule.values()) {
      problems.addAll(rule.violations(database));
    }
    return problems;
  }

  /** A child that was terminated is a failed step of its parent, which changes what follows. */
  private boolean isTerminatedByACall(String id, Set<String> terminated) {
    return database.rows(WITH_CHILDREN.formatted(id)).stream()
        .anyMatch(row -> terminated.contains(String.valueOf(row.get(0))));
  }

  /** What happened, and how often. */
  String counts() {
    List<String> counts = new ArrayList<>();
    database
        .rows(
            """
            select (select count(*) from proof.executions),
              (select count(*) from proof.pointers where step like 'execute %'
                and status in ('Complete', 'Failed', 'Sleeping')),
              (select count(*) from proof.leases where what <> 'released'),
              (select count(*) from proof.leases where what = 'taken over'),
              (select count(*) from proof.executions where lease_owner is distinct from host),
              (select count(*) from proof.executions where status is distinct from 'Pending'),
              (select count(*) from proof.bookings),
              (select count(*) from proof.pointers where step like 'await %'
                and status = 'Complete'),
              (select count(*) from wfc.workflow_leases),
              (select count(*) from wfc.event_leases)
            """)
        .get(0)
        .forEach(count -> counts.add(String.valueOf(count)));
    return ("%s executions, %s outcomes, %s leases, %s taken over; %s executions by hosts that had"
            + " lost their lease, %s of them after the outcome; %s rows booked, %s events consumed;"
            + " left: %s leases of workflows, %s of events")
        .formatted(counts.toArray());
  }
}
