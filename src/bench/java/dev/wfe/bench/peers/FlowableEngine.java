package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Map;
import org.flowable.common.engine.impl.history.HistoryLevel;
import org.flowable.common.engine.impl.persistence.StrongUuidGenerator;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;

/**
 * Flowable without history; each step is an asynchronous service task. It needs a second connection
 * in each commit, while it holds the first one. So its pool has two connections for each worker and
 * as many for callers; with fewer, all its threads wait for each other.
 */
final class FlowableEngine implements Engine {
  private static final String PROCESS =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
          xmlns:flowable="http://flowable.org/bpmn" targetNamespace="bench">
        <process id="order">
          <startEvent id="step0"/>
          %s
          <endEvent id="end"/>
        </process>
      </definitions>
      """;

  private static final String STEP =
      """
      <sequenceFlow id="flow%1$d" sourceRef="step%2$d" targetRef="step%1$d"/>
      <serviceTask id="step%1$d" flowable:async="true" flowable:exclusive="false"
          flowable:expression="${steps.%3$s()}"/>
      """;

  private final HikariDataSource pool;
  private final ProcessEngine engine;

  FlowableEngine(String url, int steps, Runnable executed) {
    pool = Engine.pool(url, 4 * WORKERS);
    ProcessEngineConfigurationImpl configuration = new StandaloneProcessEngineConfiguration();
    configuration.setDataSource(pool);
    configuration.setDatabaseSchemaUpdate("true");
    configuration.setDisableIdmEngine(true);
    configuration.setDisableEventRegistry(true);
    configuration.setHistoryLevel(HistoryLevel.NONE);
    // Its user guide recommends this generator for high concurrency.
    configuration.setIdGenerator(new StrongUuidGenerator());
    configuration.setBeans(Map.of("steps", new Steps(executed)));
    configuration.setAsyncExecutorActivate(false);
    configuration.setAsyncExecutorCorePoolSize(WORKERS);
    configuration.setAsyncExecutorMaxPoolSize(WORKERS);
    engine = configuration.buildProcessEngine();
    engine
        .getRepositoryService()
        .createDeployment()
        .addString("order.bpmn20.xml", PROCESS.formatted(tasks(steps)))
        .deploy();
  }

  private static String tasks(int steps) {
    StringBuilder tasks = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      tasks.append(STEP.formatted(step, step - 1, step < steps ? "next" : "last"));
    }
    return tasks
        .append(
            "<sequenceFlow id=\"last\" sourceRef=\"step%d\" targetRef=\"end\"/>".formatted(steps))
        .toString();
  }

  /** What the service tasks do. */
  public static final class Steps {
    private final Runnable executed;

    Steps(Runnable executed) {
      this.executed = executed;
    }

    /** A step that others follow. */
    public void next() {}

    /** The last step. */
    public void last() {
      executed.run();
    }
  }

  @Override
  public void start(Order order) {
    engine
        .getRuntimeService()
        .createProcessInstanceBuilder()
        .processDefinitionKey("order")
        .businessKey(order.id())
        .variable("customer", order.customer())
        .start();
  }

  @Override
  public void startAll(List<Order> orders) {
    orders.forEach(this::start);
  }

  @Override
  public void run() {
    engine.getProcessEngineConfiguration().getAsyncExecutor().start();
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from act_ru_execution)";
  }

  @Override
  public void close() {
    engine.close();
    pool.close();
  }
}
