package dev.wfe.bench.peers;

import dev.wfe.host.Start;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowBuilder;
import dev.wfe.host.WorkflowClient;
import dev.wfe.persistence.ItemResult;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.List;

/** What this library's host and its store alone have in common: how workflows are started. */
abstract class LibraryStarts implements Engine {
  final PostgresPersistenceProvider provider;
  final Workflow<Order> workflow;
  private final WorkflowClient client;

  /** Opens a provider, and defines a workflow whose steps have no output. */
  LibraryStarts(String url, int steps, Runnable executed) {
    provider =
        PostgresPersistenceProvider.connect(
            url, PostgresOptions.builder().poolSize(CONNECTIONS).build());
    provider.ensureStoreExists();
    WorkflowBuilder<Order> builder = Workflow.define("order", 1, Order.class);
    for (int step = 1; step < steps; step++) {
      builder = builder.run("step " + step, order -> {});
    }
    workflow = builder.run("step " + steps, order -> executed.run()).build();
    client = WorkflowClient.over(provider);
  }

  @Override
  public final void start(Order order) {
    client.startWorkflow(workflow, order, StartOptions.id(order.id()));
  }

  @Override
  public final void startAll(List<Order> orders) {
    client
        .startWorkflows(
            workflow,
            orders.stream().map(order -> new Start<>(order, StartOptions.id(order.id()))).toList())
        .forEach(ItemResult::orThrow);
  }

  @Override
  public final String unfinished() {
    return "select exists (select 1 from wfc.workflows where status = 'Runnable')";
  }
}
