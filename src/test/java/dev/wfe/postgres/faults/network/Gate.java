package dev.wfe.postgres.faults.network;

/** Open at first; whoever comes while it is shut waits. Thread-safe. */
final class Gate {
  private boolean open = true;

  synchronized void shut() {
    open = false;
  }

  synchronized void open() {
    open = true;
    notifyAll();
  }

  synchronized void pass() throws InterruptedException {
    while (!open) {
      wait();
    }
  }
}
