package dev.wfe.postgres.histories.hosts;

import dev.wfe.histories.Fault;
import dev.wfe.histories.Nemesis;
import dev.wfe.host.RandomWorkflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Faults;
import dev.wfe.postgres.testing.PgBouncer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One history: three processes execute random workflows in a database of its own, while faults are
 * injected into them, their connections and the server. Then the faults end, everything has to end,
 * and {@link HostChecker} judges.
 */
final class HostRun {
  private static final int PROCESSES = 3;
  private static final int DEFINITIONS = 60;

  /** How many workflows have not ended at a time. */
  private static final int FEW = 24;

  /** More than the hosts claim, so that they claim the same ones. */
  private static final int MANY = 150;

  private static final int BOUNCED_SESSIONS = 12;
  private static final long PATIENCE_SECONDS = 90;
  private static final int MAX_PAUSE_MILLIS = 700;
  private static final int SHOWN = 12;

  private static final String LISTENER =
      "The driver of a run executes no step; only the processes do";

  private final HostSetting setting;
  private final String url;
  private final String database;
  private final List<Fault> serverFaults;
  private final boolean isProxied;
  private final long seed;
  private final Path folder;

  /**
   * Prepares a run.
   *
   * @param url of the server's database {@code postgres}
   * @param serverFaults what is done to the server
   * @param isProxied whether the hosts' connections go through a proxy that injects faults, for
   *     which the URL has to name one server
   */
  HostRun(HostSetting setting, String url, List<Fault> serverFaults, boolean isProxied, long seed)
      throws IOException {
    this.setting = setting;
    this.database = "run_" + seed;
    this.url = url.replace("/postgres?", "/" + database + "?");
    this.serverFaults = serverFaults;
    this.isProxied = isProxied;
    this.seed = seed;
    this.folder = Path.of("target", "histories", "hosts-" + seed);
    Files.createDirectories(folder);
    new Sql(url).execute("create database " + database);
  }

  /** Runs for so long, and until each fault was injected once. */
  void check(int seconds) throws Exception {
    Sql sql = new Sql(url);
    sql.execute(setting.preparation(database));
    PostgresOptions options = PostgresOptions.builder().applicationName("workload").build();
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url, options)) {
      provider.ensureStoreExists();
      Journal.begin(sql);
      sql.execute(setting.completion());
      try (PgBouncer bouncer =
              setting.usesPgBouncer() ? PgBouncer.before(url, BOUNCED_SESSIONS) : null;
          HostProxies proxies =
              new HostProxies(bouncer == null ? url : bouncer.url(), isProxied ? PROCESSES : 0);
          HostProcesses hosts = start(proxies)) {
        Random random = new Random(seed);
        List<Fault> ofServer = new ArrayList<>();
        List<Fault> ofHosts = new ArrayList<>(List.of(hosts.closed(random)));
        if (!setting.closesOnly()) {
          ofServer.addAll(serverFaults);
          ofServer.add(Faults.randomSessionTerminated(url));
          ofServer.addAll(proxies.faults(new Random(~seed)));
          ofHosts.add(hosts.killed(random));
          ofHosts.add(hosts.stopped(random, sql));
          if (isProxied) {
            ofHosts.add(hosts.cutOff(random, sql, proxies.all()));
          }
        }
        execute(sql, WorkflowClient.over(provider), hosts, ofHosts, ofServer, seconds);
      }
    }
  }

  private HostProcesses start(HostProxies proxies) throws IOException, InterruptedException {
    return new HostProcesses(
        folder,
        PROCESSES,
        (name, place) -> {
          List<String> command = new ArrayList<>(HostProgram.command(HostProgram.class));
          command.add(proxies.url(place) + setting.parameters());
          command.add(setting.pool().name());
          command.add(url);
          command.add(name);
          command.add(Long.toString(seed));
          command.add(Integer.toString(DEFINITIONS));
          return command;
        });
  }

  private void execute(
      Sql sql,
      WorkflowClient client,
      HostProcesses hosts,
      List<Fault> ofHosts,
      List<Fault> ofServer,
      int seconds)
      throws Exception {
    List<RandomWorkflow> definitions =
        HostProgram.definitions(
            seed,
            DEFINITIONS,
            (context, failures) -> {
              throw new IllegalStateException(LISTENER);
            });
    HostWorkload workload =
        new HostWorkload(
            sql, client, definitions, new Random(seed), setting.closesOnly() ? MANY : FEW);
    Set<String> unfinished;
    Map<String, Integer> injected = new TreeMap<>();
    try {
      int pause = setting.closesOnly() ? MAX_PAUSE_MILLIS / 4 : MAX_PAUSE_MILLIS;
      Nemesis hostNemesis = new Nemesis(ofHosts, new Random(seed), pause);
      Nemesis serverNemesis = new Nemesis(ofServer, new Random(~seed), MAX_PAUSE_MILLIS);
      TimeUnit.SECONDS.sleep(seconds);
      injected.putAll(serverNemesis.stop());
      injected.putAll(hostNemesis.stop());
    } finally {
      unfinished = workload.awaitEnd(PATIENCE_SECONDS);
    }
    hosts.stop();
    HostChecker checker = new HostChecker(sql, client);
    List<String> problems = checker.problems(workload.started(), unfinished, workload.terminated());
    System.out.printf(
        "Hosts, %s, seed %s: %s workflows; %s; %s; faults %s%n",
        setting, seed, workload.started().size(), workload.counts(), checker.counts(), injected);
    if (!problems.isEmpty()) {
      writeJournal(sql);
      throw new AssertionError(
          "%s, seed %s: %s promises were not kept; the journal and the output of the hosts are in %s:%n%s"
              .formatted(
                  setting,
                  seed,
                  problems.size(),
                  folder,
                  problems.stream().limit(SHOWN).collect(Collectors.joining("\n"))));
    }
  }

  private void writeJournal(Sql sql) throws IOException {
    for (String table : List.of("leases", "pointers", "executions", "statuses", "closings")) {
      Files.write(
          folder.resolve(table),
          sql.rows("select * from proof.%s order by seq".formatted(table)).stream()
              .map(Object::toString)
              .toList());
    }
    Files.write(
        folder.resolve("errors"),
        sql.rows("select * from wfc.execution_errors order by id").stream()
            .map(Object::toString)
            .toList());
  }
}
