package dev.wfe.tck;

import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import java.util.List;

/** The store that a contract is tested on, as its author provides it. */
public interface StoreUnderTest {
  /** The provider under test: always the same one. */
  PersistenceProvider provider();

  /** A second provider over the same store, as another host would have it: always the same one. */
  PersistenceProvider anotherHost();

  /** Removes all that the store holds. */
  void empty();

  /** The errors that the store holds of a workflow, in any order: no operation reads them yet. */
  List<ExecutionError> storedErrors(String workflowId);
}
