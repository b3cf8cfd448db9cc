package dev.wfe.postgres.internal.store;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Work in the caller's transaction where there is one, else in transactions of its own.
 * Thread-safe.
 */
final class JoinedTransactions implements Database {
  private final Supplier<Optional<Database>> callers;
  private final Database own;

  JoinedTransactions(Supplier<Optional<Database>> callers, Database own) {
    this.callers = callers;
    this.own = own;
  }

  private Database current() {
    return callers.get().orElse(own);
  }

  @Override
  public <T> T read(String verb, List<String> ids, Work<T> work) {
    return current().read(verb, ids, work);
  }

  @Override
  public <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return current().write(verb, safeToRepeat, ids, work);
  }

  @Override
  public void requireOwnTransactions(String verb) {
    current().requireOwnTransactions(verb);
  }
}
