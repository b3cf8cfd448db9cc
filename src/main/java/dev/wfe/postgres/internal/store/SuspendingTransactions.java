package dev.wfe.postgres.internal.store;

import java.util.List;

/** Work in transactions of its own, while the thread's JTA transaction waits. Thread-safe. */
final class SuspendingTransactions implements Database {
  private final Jta jta;
  private final Database own;

  SuspendingTransactions(Jta jta, Database own) {
    this.jta = jta;
    this.own = own;
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return jta.suspended(() -> own.read(verb, ids, work));
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return jta.suspended(() -> own.write(verb, safeToRepeat, ids, work));
  }

  @Override
  public void requireOwnTransactions(String verb) {
    own.requireOwnTransactions(verb);
  }
}
