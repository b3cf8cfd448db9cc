package dev.wfe.bench.hosts;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Server;
import java.time.Duration;
import java.util.List;

/** The list of experiments. */
public final class Hosts {
  private Hosts() {}

  /**
   * All experiments.
   *
   * @param wakeUps how many wake-ups of each kind are timed
   * @param idle how long idle hosts are watched
   * @param snapshot how long a snapshot is held
   * @param purged the numbers of workflows that are purged
   */
  public static List<Experiment> all(
      Server server, int wakeUps, Duration idle, Duration snapshot, List<Integer> purged) {
    return List.of(
        new WakeUps(server, wakeUps),
        new IdleHosts(server, idle),
        new HeldSnapshot(server, snapshot),
        new PersistsDuringPurge(server, purged));
  }
}
