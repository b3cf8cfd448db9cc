package dev.wfe.bench;

import java.util.List;
import java.util.Optional;

/**
 * A performance target relative to another implementation.
 *
 * @param operation the operation's name
 * @param load the load; empty for every load of the operation
 * @param threads the number of threads; 0 for any
 * @param implementation the other implementation
 * @param ratio the least ratio of this library's calls per second to the other's
 */
record Target(
    String operation, String load, int threads, Implementation implementation, double ratio) {
  private static final int LARGE = 1_000_000;

  private static final List<Target> ALL =
      List.of(
          new Target("persist", "", 0, Implementation.BASELINE, 0.85),
          new Target("persist", "n=1", 0, Implementation.RUST_PROVIDER, 1.8),
          new Target("persist", "n=10", 0, Implementation.RUST_PROVIDER, 4),
          new Target("persist", "n=100", 0, Implementation.RUST_PROVIDER, 25),
          new Target("persist", "n=1000", 0, Implementation.RUST_PROVIDER, 150),
          new Target("persist", "", 0, Implementation.RUST_PROVIDER_WITHOUT_INDEX, 200),
          new Target("persist-subscribing", "", 0, Implementation.BASELINE, 0.85),
          new Target("persist-subscribing", "", 0, Implementation.RUST_PROVIDER, 2),
          new Target("create", "", 0, Implementation.BASELINE, 0.85),
          new Target("create", "", 0, Implementation.RUST_PROVIDER, 2),
          new Target("persist-many-callers", "", 1, Implementation.BASELINE, 0.85),
          new Target("persist-many-callers", "", 8, Implementation.BASELINE, 1.5),
          new Target("persist-many-callers", "", 32, Implementation.BASELINE, 2.5),
          new Target("persist-many-callers", "", 128, Implementation.BASELINE, 3),
          new Target("create-many-callers", "", 32, Implementation.BASELINE, 2),
          new Target("get", "by id, n=100", 0, Implementation.BASELINE, 0.6),
          new Target("get", "by name, n=100", 0, Implementation.BASELINE, 0.6),
          new Target("get", "", 0, Implementation.BASELINE, 0.75),
          new Target("get", "", 0, Implementation.RUST_PROVIDER, 1.2),
          new Target("get-100-ids", "", 0, Implementation.BASELINE, 0.75),
          new Target("get-100-ids", "", 0, Implementation.RUST_PROVIDER, 15),
          new Target("runnable", "", 0, Implementation.BASELINE, 0.9),
          new Target("runnable", "", 0, Implementation.RUST_PROVIDER, 3),
          new Target("token", "", 0, Implementation.BASELINE, 0.85),
          new Target("token", "", 0, Implementation.RUST_PROVIDER, 1),
          new Target("sequence", "", 0, Implementation.BASELINE, 0.85),
          new Target("sequence", "", 0, Implementation.RUST_PROVIDER, 1),
          new Target("errors", "", 0, Implementation.BASELINE, 0.85),
          new Target("errors", "", 0, Implementation.RUST_PROVIDER, 20),
          new Target("commands", "", 0, Implementation.BASELINE, 0.8),
          new Target("publish", "", 0, Implementation.BASELINE, 0.85),
          new Target("publish", "", 0, Implementation.RUST_PROVIDER, 1),
          new Target("mark-processed", "", 0, Implementation.BASELINE, 0.85),
          new Target("host-one-step", "", 0, Implementation.DB_SCHEDULER, 1.2),
          new Target("host-one-step-started", "", 0, Implementation.DBOS, 2),
          new Target("host-three-steps", "", 0, Implementation.DBOS, 2),
          new Target("store-alone", "", 0, Implementation.DB_SCHEDULER, 1.5),
          new Target("starts", "", 4, Implementation.DB_SCHEDULER, 1),
          new Target("starts", "", 4, Implementation.JOBRUNR, 1),
          new Target("starts", "", 4, Implementation.DBOS, 1),
          new Target("starts", "", 32, Implementation.DB_SCHEDULER, 1.2),
          new Target("starts", "", 32, Implementation.JOBRUNR, 1.2),
          new Target("starts", "", 32, Implementation.DBOS, 1.2),
          new Target("claim", "", 0, Implementation.DB_SCHEDULER, 1.5));

  /** The target for a comparison with these samples. */
  static Optional<Target> beside(Samples samples) {
    return ALL.stream().filter(target -> target.concerns(samples)).findFirst();
  }

  private boolean concerns(Samples samples) {
    return operation.equals(samples.operation())
        && implementation == samples.implementation()
        && (threads == 0 || threads == samples.threads())
        && (load.isEmpty() || load.equals(samples.load()))
        && (samples.size() >= LARGE || !isForLargeTables());
  }

  private boolean isForLargeTables() {
    return implementation == Implementation.RUST_PROVIDER_WITHOUT_INDEX
        || (operation.equals("runnable") && implementation == Implementation.RUST_PROVIDER);
  }
}
