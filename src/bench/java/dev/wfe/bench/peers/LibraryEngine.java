package dev.wfe.bench.peers;

import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.List;

/** This library's host; each execution is a workflow. */
final class LibraryEngine implements Engine {
  private final PostgresPersistenceProvider provider;
  private final WorkflowHost host;
  private final LibraryStarts starts;

  LibraryEngine(String url, int steps, Runnable executed) {
    provider = LibraryStarts.connect(url);
    Workflow<Order> workflow = LibraryStarts.workflow(steps, executed);
    host = WorkflowHost.builder(provider).workflow(workflow).workers(WORKERS).build();
    starts = new LibraryStarts(host, workflow);
  }

  @Override
  public void start(Order order) {
    starts.start(order);
  }

  @Override
  public void startAll(List<Order> orders) {
    starts.startAll(orders);
  }

  @Override
  public void run() {
    host.start();
  }

  @Override
  public String unfinished() {
    return LibraryStarts.UNFINISHED;
  }

  @Override
  public void close() {
    host.close();
    provider.close();
  }
}
