package dev.wfe.postgres.histories.hosts;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wfe.histories.Fault;
import dev.wfe.postgres.faults.Faults;
import dev.wfe.postgres.faults.server.CrashableServer;
import dev.wfe.postgres.faults.server.ReplicatedServers;
import dev.wfe.postgres.faults.server.ServerPrograms;
import dev.wfe.postgres.testing.PgBouncer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hosts in three processes execute random workflows, while they are stopped, killed and closed,
 * connections break, and the server crashes or fails over. By default each fault is injected once.
 * {@code -Dwfe.test.histories.minutes=} sets for how long histories are made, each with another
 * {@link HostSetting}; {@code -Dwfe.test.histories.seed=} repeats the choices of a run, and {@code
 * -Dwfe.test.hosts.setting=} makes all histories with one setting.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS)
final class HostHistoriesTest {
  private static final int MINUTES = Integer.getInteger("wfe.test.histories.minutes", 0);
  private static final int ROUND_SECONDS = MINUTES == 0 ? 2 : 15;

  private final long seed =
      Long.getLong("wfe.test.histories.seed", new Random().nextInt(Integer.MAX_VALUE));

  @Test
  void workflowsAreExecutedAsTheirDefinitionsSayUnderAllFaults() throws Exception {
    try (CrashableServer server = CrashableServer.started()) {
      List<Fault> faults = List.of(Faults.killAndRestart(server), Faults.stopAndRestart(server));
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
      List<HostSetting> settings = settings();
      for (int round = 0; round == 0 || System.nanoTime() - end < 0; round++) {
        HostSetting setting = settings.get(round % settings.size());
        List<Fault> injected = MINUTES == 0 ? faults.subList(0, 1) : faults;
        new HostRun(setting, server.jdbcUrl(), injected, true, seed + round).check(ROUND_SECONDS);
      }
    }
  }

  /** By default the plain one only; else all of them, in random order. */
  private List<HostSetting> settings() {
    String given = System.getProperty("wfe.test.hosts.setting", "");
    if (!given.isEmpty()) {
      return List.of(HostSetting.valueOf(given));
    }
    if (MINUTES == 0) {
      return List.of(HostSetting.PLAIN);
    }
    List<HostSetting> settings = new ArrayList<>(List.of(HostSetting.values()));
    if (!PgBouncer.isExpected()) {
      settings.removeIf(HostSetting::usesPgBouncer);
      System.out.println("No PgBouncer, so no histories through one");
    }
    Collections.shuffle(settings, new Random(seed));
    return settings;
  }

  @Test
  void workflowsAreExecutedAsTheirDefinitionsSayWhenTheServerFailsOver() throws Exception {
    assumeTrue(MINUTES > 0, "Part of mvn -Pchaos verify");
    Optional<ServerPrograms> programs = ServerPrograms.ofTheSystem();
    assumeTrue(programs.isPresent(), "PostgreSQL's server programs are not installed");
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    for (int round = 0; round == 0 || System.nanoTime() - end < 0; round++) {
      try (ReplicatedServers servers = ReplicatedServers.started(programs.orElseThrow())) {
        new HostRun(
                HostSetting.PLAIN,
                servers.jdbcUrl(),
                List.of(Faults.failOver(servers)),
                false,
                seed + round)
            .check(0);
      }
    }
  }
}
