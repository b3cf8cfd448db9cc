package dev.wfe.bench.peers;

import dev.wfe.bench.Comparison;
import dev.wfe.bench.Comparison.Pace;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Server;
import java.util.List;
import java.util.Map;

/** The list of comparisons with other libraries. */
public final class Peers {
  private static final List<Integer> CALLERS = List.of(4, 32);

  private final Server server;
  private final int executions;

  private Peers(Server server, int executions) {
    this.server = server;
    this.executions = executions;
  }

  /**
   * All comparisons.
   *
   * @param executions how many executions a sample has
   */
  public static List<Comparison> all(Server server, int executions) {
    Peers peers = new Peers(server, executions);
    return List.of(
        peers.compare(
            "host-one-step",
            "due",
            Workload.Kind.DUE,
            List.of(1),
            Map.of(
                Implementation.LIBRARY, (url, executed) -> new LibraryEngine(url, 1, executed),
                Implementation.DB_SCHEDULER, DbSchedulerEngine::new,
                Implementation.JOBRUNR, JobRunrEngine::new)),
        peers.compare(
            "host-one-step-started",
            "started",
            Workload.Kind.STARTS_AND_EXECUTIONS,
            List.of(32),
            Map.of(
                Implementation.LIBRARY, (url, executed) -> new LibraryEngine(url, 1, executed),
                Implementation.DBOS, (url, executed) -> new DbosEngine(url, 1, executed))),
        peers.compare(
            "host-three-steps",
            "started",
            Workload.Kind.STARTS_AND_EXECUTIONS,
            List.of(32),
            Map.of(
                Implementation.LIBRARY, (url, executed) -> new LibraryEngine(url, 3, executed),
                Implementation.DBOS, (url, executed) -> new DbosEngine(url, 3, executed),
                Implementation.FLOWABLE,
                    (url, executed) -> new FlowableEngine(url, 3, executed))),
        peers.compare(
            "starts",
            "one step",
            Workload.Kind.STARTS,
            CALLERS,
            Map.of(
                Implementation.LIBRARY, (url, executed) -> new LibraryEngine(url, 1, executed),
                Implementation.DB_SCHEDULER, DbSchedulerEngine::new,
                Implementation.JOBRUNR, JobRunrEngine::new,
                Implementation.DBOS, (url, executed) -> new DbosEngine(url, 1, executed),
                Implementation.FLOWABLE,
                    (url, executed) -> new FlowableEngine(url, 1, executed))));
  }

  private Comparison compare(
      String operation,
      String load,
      Workload.Kind kind,
      List<Integer> callers,
      Map<Implementation, Engine.Opening> engines) {
    return new Comparison(
        operation,
        load,
        Pace.SINGLE_CALL,
        callers,
        executions,
        engines.entrySet().stream()
            .map(
                engine ->
                    Workload.of(server, kind, executions, engine.getKey(), engine.getValue()))
            .toList());
  }
}
