package dev.wfe.postgres.histories.hosts;

import dev.wfe.histories.Fault;
import dev.wfe.postgres.faults.Faults;
import dev.wfe.postgres.faults.network.Direction;
import dev.wfe.postgres.faults.network.FaultyProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/** A proxy between each process and the server, or none. */
final class HostProxies implements AutoCloseable {
  private static final Duration OUTAGE = Duration.ofMillis(100);

  private final String url;
  private final List<FaultyProxy> all = new ArrayList<>();

  /**
   * Starts the proxies.
   *
   * @param url of the server
   * @param count how many; with 0 the processes are connected with the server itself
   */
  HostProxies(String url, int count) {
    this.url = url;
    for (int i = 0; i < count; i++) {
      all.add(new FaultyProxy(url));
    }
  }

  List<FaultyProxy> all() {
    return all;
  }

  /** The URL for the process of that number. */
  String url(int place) {
    return all.isEmpty() ? url : all.get(place).url();
  }

  /** The faults of the network. Each of them happens at one of the proxies. */
  List<Fault> faults(Random random) {
    Predicate<String> ofTheStore = text -> text.contains("\"wfc\".");
    return all.isEmpty()
        ? List.of()
        : List.of(
            Faults.randomConnectionCut(one(random), random),
            Faults.cutAfterRequest(one(random), ofTheStore),
            Faults.cutBeforeAnswer(one(random), ofTheStore),
            Faults.cutBeforeAnswer(one(random), text -> text.contains("update \"wfc\".")),
            Faults.blackHole(one(random), Direction.TO_SERVER, OUTAGE),
            Faults.blackHole(one(random), Direction.TO_CLIENT, OUTAGE));
  }

  private FaultyProxy one(Random random) {
    return all.get(random.nextInt(all.size()));
  }

  @Override
  public void close() {
    all.forEach(FaultyProxy::close);
  }
}
