package dev.wfe.bench.peers;

import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowBuilder;
import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.List;

/** This library's host; each execution is a workflow whose steps have no output. */
final class LibraryEngine implements Engine {
  private final PostgresPersistenceProvider provider;
  private final Workflow<Order> workflow;
  private final WorkflowHost host;

  LibraryEngine(String url, int steps, Runnable executed) {
    provider =
        PostgresPersistenceProvider.connect(
            url, PostgresOptions.builder().poolSize(CONNECTIONS).build());
    provider.ensureStoreExists();
    WorkflowBuilder<Order> builder = Workflow.define("order", 1, Order.class);
    for (int step = 1; step < steps; step++) {
      builder = builder.run("step " + step, order -> {});
    }
    workflow = builder.run("step " + steps, order -> executed.run()).build();
    host = WorkflowHost.builder(provider).workflow(workflow).workers(WORKERS).build();
  }

  @Override
  public void start(Order order) {
    host.startWorkflow(workflow, order, StartOptions.id(order.id()));
  }

  @Override
  public void startAll(List<Order> orders) {
    host.startWorkflows(
            workflow,
            orders.stream().map(order -> new Start<>(order, StartOptions.id(order.id()))).toList())
        .forEach(ItemResult::orThrow);
  }

  @Override
  public void run() {
    host.start();
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from wfc.workflows where status = 'Runnable')";
  }

  @Override
  public void close() {
    host.close();
    provider.close();
  }
}
