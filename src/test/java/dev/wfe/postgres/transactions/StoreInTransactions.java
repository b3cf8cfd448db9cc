package dev.wfe.postgres.transactions;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.contract.PostgresStore;
import dev.wfe.tck.StoreUnderTest;
import java.util.List;

/** A store whose hosts call its operations in transactions of their own. */
record StoreInTransactions(
    PostgresStore store, PersistenceProvider provider, PersistenceProvider anotherHost)
    implements StoreUnderTest {
  @Override
  public void empty() {
    store.empty();
  }

  @Override
  public List<ExecutionError> storedErrors(String workflowId) {
    return store.storedErrors(workflowId);
  }
}
