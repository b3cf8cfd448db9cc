package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.StartWorkflowOptions;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Queue;
import java.util.List;

/**
 * DBOS Transact. While it runs, a workflow is executed by the thread that starts it, without a
 * queue; otherwise it is put into a queue to which nobody listens.
 */
final class DbosEngine implements Engine {
  private static final Queue QUEUE = new Queue("orders");

  private final HikariDataSource pool;
  private final DBOS dbos;
  private final OrderProcess process;
  private volatile boolean isRunning;

  DbosEngine(String url, int steps, Runnable executed) {
    pool = Engine.pool(url, CONNECTIONS);
    dbos =
        new DBOS(
            DBOSConfig.defaults("bench").withDataSource(pool).withListenQueues("another queue"));
    dbos.registerQueue(QUEUE);
    process = dbos.registerProxy(OrderProcess.class, new Steps(dbos, steps, executed));
    dbos.launch();
  }

  /** The workflow. */
  public interface OrderProcess {
    /** Executes the steps. */
    void process(Order order);
  }

  /** The workflow's steps. */
  public static final class Steps implements OrderProcess {
    private final DBOS dbos;
    private final int count;
    private final Runnable executed;

    Steps(DBOS dbos, int count, Runnable executed) {
      this.dbos = dbos;
      this.count = count;
      this.executed = executed;
    }

    @Override
    @dev.dbos.transact.workflow.Workflow(name = "order")
    public void process(Order order) {
      for (int step = 1; step < count; step++) {
        dbos.runStep(() -> {}, "step " + step);
      }
      dbos.runStep(executed::run, "step " + count);
    }
  }

  @Override
  public void start(Order order) {
    if (isRunning) {
      process.process(order);
    } else {
      dbos.startWorkflow(
          () -> process.process(order), new StartWorkflowOptions(order.id()).withQueue(QUEUE));
    }
  }

  @Override
  public void startAll(List<Order> orders) {
    orders.forEach(this::start);
  }

  @Override
  public void run() {
    isRunning = true;
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from dbos.workflow_status where status <> 'SUCCESS')";
  }

  @Override
  public void close() {
    dbos.shutdown();
    pool.close();
  }
}
