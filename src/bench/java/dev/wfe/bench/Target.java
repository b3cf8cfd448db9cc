package dev.wfe.bench;

import java.util.List;
import java.util.Optional;

/**
 * A performance target relative to another implementation.
 *
 * @param operation the operation's name
 * @param load the load; empty for every load of the operation
 * @param way the other implementation
 * @param ratio the least ratio of this library's calls per second to the other's
 */
record Target(String operation, String load, Way way, double ratio) {
  private static final int LARGE = 1_000_000;

  private static final List<Target> ALL =
      List.of(
          new Target("persist", "", Way.BASELINE, 0.85),
          new Target("persist", "n=1", Way.RUST, 1.8),
          new Target("persist", "n=10", Way.RUST, 4),
          new Target("persist", "n=100", Way.RUST, 25),
          new Target("persist", "n=1000", Way.RUST, 150),
          new Target("persist", "", Way.RUST_WITHOUT_INDEX, 200),
          new Target("persist-subscribing", "", Way.BASELINE, 0.85),
          new Target("persist-subscribing", "", Way.RUST, 2),
          new Target("create", "", Way.BASELINE, 0.85),
          new Target("create", "", Way.RUST, 2),
          new Target("get", "by id, n=100", Way.BASELINE, 0.6),
          new Target("get", "by name, n=100", Way.BASELINE, 0.6),
          new Target("get", "", Way.BASELINE, 0.75),
          new Target("get", "", Way.RUST, 1.2),
          new Target("get-100-ids", "", Way.BASELINE, 0.75),
          new Target("get-100-ids", "", Way.RUST, 15),
          new Target("runnable", "", Way.BASELINE, 0.9),
          new Target("runnable", "", Way.RUST, 3),
          new Target("token", "", Way.BASELINE, 0.85),
          new Target("token", "", Way.RUST, 1),
          new Target("sequence", "", Way.BASELINE, 0.85),
          new Target("sequence", "", Way.RUST, 1),
          new Target("errors", "", Way.BASELINE, 0.85),
          new Target("errors", "", Way.RUST, 20),
          new Target("commands", "", Way.BASELINE, 0.8),
          new Target("publish", "", Way.BASELINE, 0.85),
          new Target("publish", "", Way.RUST, 1),
          new Target("mark-processed", "", Way.BASELINE, 0.85));

  /** The target for a comparison with these samples. */
  static Optional<Target> beside(Samples samples) {
    return ALL.stream().filter(target -> target.concerns(samples)).findFirst();
  }

  private boolean concerns(Samples samples) {
    return operation.equals(samples.operation())
        && way == samples.way()
        && (load.isEmpty() || load.equals(samples.load()))
        && (samples.size() >= LARGE || !isForLargeTables());
  }

  private boolean isForLargeTables() {
    return way == Way.RUST_WITHOUT_INDEX || (operation.equals("runnable") && way == Way.RUST);
  }
}
