package dev.wfe.memory;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.tck.StoreUnderTest;
import dev.wfe.tck.WholeContract;
import java.time.InstantSource;
import java.util.List;

/** The in-memory provider keeps the whole contract. */
class InMemoryStoreTest extends WholeContract {
  private final StoreUnderTest store = new InMemory(new MemoryTables(InstantSource.system()));

  @Override
  protected StoreUnderTest store() {
    return store;
  }

  private record InMemory(
      MemoryTables tables, PersistenceProvider provider, PersistenceProvider anotherHost)
      implements StoreUnderTest {
    InMemory(MemoryTables tables) {
      this(
          tables, new InMemoryPersistenceProvider(tables), new InMemoryPersistenceProvider(tables));
    }

    @Override
    public void empty() {
      tables.clear();
    }

    @Override
    public List<ExecutionError> storedErrors(String workflowId) {
      return tables.errors().stream()
          .filter(error -> error.workflowId().equals(workflowId))
          .toList();
    }
  }
}
