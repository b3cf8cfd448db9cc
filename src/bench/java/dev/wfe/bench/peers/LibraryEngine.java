package dev.wfe.bench.peers;

import dev.wfe.host.WorkflowHost;

/** This library's host; each execution is a workflow. */
final class LibraryEngine extends LibraryStarts {
  private final WorkflowHost host;

  LibraryEngine(String url, int steps, Runnable executed) {
    super(url, steps, executed);
    host = WorkflowHost.builder(provider).workflow(workflow).workers(WORKERS).build();
  }

  @Override
  public void run() {
    host.start();
  }

  @Override
  public void close() {
    host.close();
    provider.close();
  }
}
