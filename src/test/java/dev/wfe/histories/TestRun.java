package dev.wfe.histories;

import dev.wfe.histories.workload.Workers;
import dev.wfe.persistence.PersistenceProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A store, its workers, and the faults that are injected. */
public interface TestRun extends AutoCloseable {
  /**
   * Empties the store, before each round.
   *
   * @throws Exception which fails the run
   */
  void empty() throws Exception;

  /**
   * Starts the workers.
   *
   * @param folder where they record; new and empty
   * @throws Exception which fails the run
   */
  Workers start(Path folder, long seed) throws Exception;

  /** The faults for the store and the workers that were started last; none by default. */
  default List<Fault> faults() {
    return List.of();
  }

  /** The longest pause between two faults. */
  default int maxPauseMillis() {
    return 100;
  }

  /**
   * The store after a round, when nothing that the workers asked for is still being carried out.
   *
   * @throws Exception which fails the run
   */
  PersistenceProvider afterwards() throws Exception;

  /** The commands in the store, as name and data with a blank between; read past the operations. */
  default Set<String> leftCommands() {
    return Set.of();
  }

  /** The messages of all errors in the store; read past the operations. */
  List<String> storedErrors();

  /** The problems of the store after a round, in words, read without the operations. */
  default List<String> brokenInvariants() {
    return List.of();
  }

  @Override
  void close();
}
