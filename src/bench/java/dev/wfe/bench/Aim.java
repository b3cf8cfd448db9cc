package dev.wfe.bench;

import java.util.List;
import java.util.Optional;

/**
 * How fast ours is meant to be beside another way.
 *
 * @param operation the operation
 * @param load the load, or nothing for every load of the operation
 * @param way the other way
 * @param ratio our calls per second divided by the other's, at least
 */
record Aim(String operation, String load, Implementation way, double ratio) {
  private static final int LARGE = 1_000_000;

  private static final List<Aim> ALL =
      List.of(
          new Aim("persist", "", Implementation.BASELINE, 0.85),
          new Aim("persist", "n=1", Implementation.RUST_PROVIDER, 1.8),
          new Aim("persist", "n=10", Implementation.RUST_PROVIDER, 4),
          new Aim("persist", "n=100", Implementation.RUST_PROVIDER, 25),
          new Aim("persist", "n=1000", Implementation.RUST_PROVIDER, 150),
          new Aim("persist", "", Implementation.RUST_PROVIDER_WITHOUT_INDEX, 200),
          new Aim("persist-subscribing", "", Implementation.BASELINE, 0.85),
          new Aim("persist-subscribing", "", Implementation.RUST_PROVIDER, 2),
          new Aim("create", "", Implementation.BASELINE, 0.85),
          new Aim("create", "", Implementation.RUST_PROVIDER, 2),
          new Aim("get", "by id, n=100", Implementation.BASELINE, 0.6),
          new Aim("get", "by name, n=100", Implementation.BASELINE, 0.6),
          new Aim("get", "", Implementation.BASELINE, 0.75),
          new Aim("get", "", Implementation.RUST_PROVIDER, 1.2),
          new Aim("get-100-ids", "", Implementation.BASELINE, 0.75),
          new Aim("get-100-ids", "", Implementation.RUST_PROVIDER, 15),
          new Aim("runnable", "", Implementation.BASELINE, 0.9),
          new Aim("runnable", "", Implementation.RUST_PROVIDER, 3),
          new Aim("token", "", Implementation.BASELINE, 0.85),
          new Aim("token", "", Implementation.RUST_PROVIDER, 1),
          new Aim("sequence", "", Implementation.BASELINE, 0.85),
          new Aim("sequence", "", Implementation.RUST_PROVIDER, 1),
          new Aim("errors", "", Implementation.BASELINE, 0.85),
          new Aim("errors", "", Implementation.RUST_PROVIDER, 20),
          new Aim("commands", "", Implementation.BASELINE, 0.8),
          new Aim("publish", "", Implementation.BASELINE, 0.85),
          new Aim("publish", "", Implementation.RUST_PROVIDER, 1),
          new Aim("mark-processed", "", Implementation.BASELINE, 0.85));

  /** The aim that these samples are compared with. */
  static Optional<Aim> beside(Samples samples) {
    return ALL.stream().filter(aim -> aim.concerns(samples)).findFirst();
  }

  private boolean concerns(Samples samples) {
    return operation.equals(samples.operation())
        && way == samples.way()
        && (load.isEmpty() || load.equals(samples.load()))
        && (samples.size() >= LARGE || !isMeantForLargeTables());
  }

  private boolean isMeantForLargeTables() {
    return way == Implementation.RUST_PROVIDER_WITHOUT_INDEX
        || (operation.equals("runnable") && way == Implementation.RUST_PROVIDER);
  }
}
