package dev.wfe.memory;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.WholeContract;
import java.util.List;

/** The in-memory provider keeps the whole contract. */
final class InMemoryStoreTest extends WholeContract {
  private final StoreUnderTest store = new InMemoryStore(new InMemoryPersistenceProvider());

  @Override
  protected StoreUnderTest store() {
    return store;
  }

  /** Hosts share the provider. */
  private record InMemoryStore(InMemoryPersistenceProvider provider) implements StoreUnderTest {
    @Override
    public PersistenceProvider anotherHost() {
      return provider;
    }

    @Override
    public void empty() {
      provider.truncateAll();
    }

    @Override
    public List<ExecutionError> storedErrors(String workflowId) {
      return provider.persistedErrors().stream()
          .filter(error -> error.workflowId().equals(workflowId))
          .toList();
    }
  }
}
