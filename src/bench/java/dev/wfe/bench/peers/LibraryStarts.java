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

/**
 * Starts workflows with this library, and what its host and its store have in common.
 *
 * @param client starts them
 * @param workflow the definition
 */
record LibraryStarts(WorkflowClient client, Workflow<Order> workflow) {
  /** Tells whether a workflow has not ended. */
  static final String UNFINISHED =
      "select exists (select 1 from wfc.workflows where status = 'Runnable')";

  static PostgresPersistenceProvider connect(String url) {
    PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(
            url, PostgresOptions.builder().poolSize(Engine.CONNECTIONS).build());
    provider.ensureStoreExists();
    return provider;
  }

  /** A definition whose steps have no output. */
  static Workflow<Order> workflow(int steps, Runnable executed) {
    WorkflowBuilder<Order> builder = Workflow.define("order", 1, Order.class);
    for (int step = 1; step < steps; step++) {
      builder = builder.run("step " + step, order -> {});
    }
    return builder.run("step " + steps, order -> executed.run()).build();
  }

  void start(Order order) {
    client.startWorkflow(workflow, order, StartOptions.id(order.id()));
  }

  void startAll(List<Order> orders) {
    client
        .startWorkflows(
            workflow,
            orders.stream().map(order -> new Start<>(order, StartOptions.id(order.id()))).toList())
        .forEach(ItemResult::orThrow);
  }
}
