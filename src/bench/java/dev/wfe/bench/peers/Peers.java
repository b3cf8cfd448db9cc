package dev.wfe.bench.peers;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Comparison.Pace;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The list of comparisons with other libraries. */
public final class Peers {
  /** With this many callers, executions are started while others are executed. */
  private static final int STARTERS = 32;

  /** Starting and executing takes longer than executing what is due. */
  private static final int FEWER = 10;

  private static final int CLAIMED = 5_000;

  private static final Peer HOST =
      new Peer(Implementation.LIBRARY, (url, executed) -> new LibraryEngine(url, 1, executed));

  private static final Peer STORE = new Peer(Implementation.LIBRARY, StoreEngine::new);

  private static final Peer BY_HAND = new Peer(Implementation.BASELINE, ByHandEngine::new);

  private static final Peer DB_SCHEDULER =
      new Peer(Implementation.DB_SCHEDULER, DbSchedulerEngine::new);

  private static final Peer JOBRUNR = new Peer(Implementation.JOBRUNR, JobRunrEngine::new);

  private static final Peer DBOS =
      new Peer(Implementation.DBOS, (url, executed) -> new DbosEngine(url, 1, executed));

  private final Server server;
  private final int executions;

  private Peers(Server server, int executions) {
    this.server = server;
    this.executions = executions;
  }

  /** A library, and how it is opened. */
  private record Peer(Implementation implementation, Engine.Opening opening) {}

  /**
   * All comparisons.
   *
   * @param executions how many executions a sample has
   * @param due how many executions are due when some of them are claimed
   */
  public static List<Comparison> all(Server server, int executions, List<Integer> due) {
    Peers peers = new Peers(server, executions);
    List<Comparison> all =
        new ArrayList<>(
            List.of(
                peers.ofDue("host-one-step", HOST, DB_SCHEDULER, JOBRUNR),
                peers.ofStarted("host-one-step-started", HOST, DBOS),
                peers.ofStarted(
                    "host-three-steps",
                    new Peer(
                        Implementation.LIBRARY,
                        (url, executed) -> new LibraryEngine(url, 3, executed)),
                    new Peer(
                        Implementation.DBOS, (url, executed) -> new DbosEngine(url, 3, executed)),
                    new Peer(
                        Implementation.FLOWABLE,
                        (url, executed) -> new FlowableEngine(url, 3, executed))),
                peers.ofDue("store-alone", STORE, DB_SCHEDULER, BY_HAND),
                peers.compare(
                    "starts",
                    "one step",
                    Workload.Kind.STARTS,
                    List.of(4, 32),
                    0,
                    executions / 2,
                    HOST,
                    DB_SCHEDULER,
                    JOBRUNR,
                    DBOS)));
    for (int size : due) {
      all.add(
          peers.compare(
              "claim",
              "%d of %,d".formatted(Workload.CLAIM, size),
              Workload.Kind.CLAIMS,
              List.of(1, 4, 16),
              size,
              CLAIMED,
              STORE,
              DB_SCHEDULER,
              BY_HAND));
    }
    return all;
  }

  private Comparison ofDue(String operation, Peer... peers) {
    return compare(
        operation, "due", Workload.Kind.EXECUTIONS, List.of(1), executions, executions, peers);
  }

  private Comparison ofStarted(String operation, Peer... peers) {
    return compare(
        operation,
        "started",
        Workload.Kind.STARTS_AND_EXECUTIONS,
        List.of(STARTERS),
        0,
        executions / FEWER,
        peers);
  }

  private Comparison compare(
      String operation,
      String load,
      Workload.Kind kind,
      List<Integer> threads,
      int due,
      int count,
      Peer... peers) {
    List<Alternative> alternatives =
        Stream.of(peers)
            .map(
                peer ->
                    new Workload(server, kind, due, count, peer.implementation(), peer.opening())
                        .of(peer.implementation()))
            .toList();
    return new Comparison(operation, load, Pace.SINGLE_CALL, threads, count, alternatives);
  }
}
