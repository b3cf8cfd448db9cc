package dev.wfe.postgres;

import dev.wfe.postgres.internal.store.Database;
import dev.wfe.postgres.internal.store.Repositories;

/** The verbs in other transactions than the provider's. As thread-safe as the database. */
final class TransactionView extends DelegatingProvider {
  private final Store store;
  private final Database database;
  private final Repositories repositories;

  TransactionView(Store store, Database database, Repositories repositories) {
    this.store = store;
    this.database = database;
    this.repositories = repositories;
  }

  @Override
  Repositories repositories() {
    store.requireOpen();
    return repositories;
  }

  @Override
  public void ensureStoreExists() {
    database.requireOwnTransactions("ensureStoreExists");
    store.migrate();
  }
}
