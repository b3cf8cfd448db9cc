package dev.wfe.bench.hosts;

import dev.wfe.bench.Experiment;
import dev.wfe.bench.Server;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** The statements of fifty hosts that have nothing to do. Each has a provider of its own. */
final class IdleHosts implements Experiment {
  private static final int HOSTS = 50;
  private static final int CONNECTIONS = 2;

  /** After this time, hosts poll as seldom as they ever do. */
  private static final Duration CALM = Duration.ofSeconds(20);

  private final Server server;
  private final Duration time;

  IdleHosts(Server server, Duration time) {
    this.server = server;
    this.time = time;
  }

  @Override
  public String name() {
    return "idle-hosts";
  }

  @Override
  public String run() throws Exception {
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      CountedStore store = CountedStore.create(server);
      open.push(store);
      for (int i = 0; i < HOSTS; i++) {
        PostgresPersistenceProvider provider = store.connect(CONNECTIONS);
        open.push(provider);
        WorkflowHost host = WorkflowHost.builder(provider).workflow(Reaction.STARTED).build();
        open.push(host);
        host.start();
      }
      Thread.sleep(CALM.toMillis());
      CountedStore.Executed before = store.executed();
      Thread.sleep(time.toMillis());
      CountedStore.Executed after = store.executed();
      return """
      | hosts | seconds | statements per second | transactions per second |
      |--:|--:|--:|--:|
      | %d | %d | %.1f | %.1f |

      """
          .formatted(
              HOSTS,
              time.toSeconds(),
              perSecond(after.statements() - before.statements()),
              perSecond(after.transactions() - before.transactions()));
    } finally {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    }
  }

  private double perSecond(long count) {
    return (double) count / time.toSeconds();
  }
}
