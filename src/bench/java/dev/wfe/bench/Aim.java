package dev.wfe.bench;

import java.util.List;
import java.util.Optional;

/**
 * How fast ours is meant to be beside another way.
 *
 * @param verb the verb
 * @param load the load, or nothing for every load of the verb
 * @param way the other way
 * @param ratio our calls per second divided by the other's, at least
 */
record Aim(String verb, String load, Way way, double ratio) {
  private static final int LARGE = 1_000_000;

  private static final List<Aim> ALL =
      List.of(
          new Aim("persist", "", Way.FLOOR, 0.85),
          new Aim("persist", "n=1", Way.ORIGIN, 1.8),
          new Aim("persist", "n=10", Way.ORIGIN, 4),
          new Aim("persist", "n=100", Way.ORIGIN, 25),
          new Aim("persist", "n=1000", Way.ORIGIN, 150),
          new Aim("persist", "", Way.ORIGIN_WITHOUT_INDEX, 200),
          new Aim("persist-subscribing", "", Way.FLOOR, 0.85),
          new Aim("persist-subscribing", "", Way.ORIGIN, 2),
          new Aim("create", "", Way.FLOOR, 0.85),
          new Aim("create", "", Way.ORIGIN, 2),
          new Aim("get", "by id, n=100", Way.FLOOR, 0.6),
          new Aim("get", "by name, n=100", Way.FLOOR, 0.6),
          new Aim("get", "", Way.FLOOR, 0.75),
          new Aim("get", "", Way.ORIGIN, 1.2),
          new Aim("get-100-ids", "", Way.FLOOR, 0.75),
          new Aim("get-100-ids", "", Way.ORIGIN, 15),
          new Aim("runnable", "", Way.FLOOR, 0.9),
          new Aim("runnable", "", Way.ORIGIN, 3),
          new Aim("token", "", Way.FLOOR, 0.85),
          new Aim("token", "", Way.ORIGIN, 1),
          new Aim("sequence", "", Way.FLOOR, 0.85),
          new Aim("sequence", "", Way.ORIGIN, 1),
          new Aim("errors", "", Way.FLOOR, 0.85),
          new Aim("errors", "", Way.ORIGIN, 20),
          new Aim("commands", "", Way.FLOOR, 0.8),
          new Aim("publish", "", Way.FLOOR, 0.85),
          new Aim("publish", "", Way.ORIGIN, 1),
          new Aim("mark-processed", "", Way.FLOOR, 0.85));

  /** The aim that these samples are compared with. */
  static Optional<Aim> beside(Samples samples) {
    return ALL.stream().filter(aim -> aim.concerns(samples)).findFirst();
  }

  private boolean concerns(Samples samples) {
    return verb.equals(samples.verb())
        && way == samples.way()
        && (load.isEmpty() || load.equals(samples.load()))
        && (samples.size() >= LARGE || !isMeantForLargeTables());
  }

  private boolean isMeantForLargeTables() {
    return way == Way.ORIGIN_WITHOUT_INDEX || (verb.equals("runnable") && way == Way.ORIGIN);
  }
}
