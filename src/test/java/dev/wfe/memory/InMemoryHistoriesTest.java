package dev.wfe.memory;

import dev.wfe.histories.TestRun;
import dev.wfe.histories.TestRunner;
import dev.wfe.histories.workload.ThreadWorkers;
import dev.wfe.histories.workload.Workers;
import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class InMemoryHistoriesTest {
  private static final int THREADS = 8;

  /** Two hosts on one set of tables. */
  private static final class MemoryStage implements TestRun {
    private final MemoryTables tables = new MemoryTables(InstantSource.system());

    private InMemoryPersistenceProvider host() {
      return new InMemoryPersistenceProvider(tables);
    }

    @Override
    public void empty() {
      tables.clear();
    }

    @Override
    public Workers start(Path folder, long seed) {
      return new ThreadWorkers(folder, "w", seed, THREADS, List.of(host(), host()));
    }

    @Override
    public PersistenceProvider afterwards() {
      return host();
    }

    @Override
    public Set<String> leftCommands() {
      return tables.atomically(
          () ->
              tables.commands.stream()
                  .map(row -> row.commandName.word() + " " + row.data)
                  .collect(Collectors.toSet()));
    }

    @Override
    public List<String> storedErrors() {
      return tables.errors().stream().map(ExecutionError::message).toList();
    }

    @Override
    public void close() {}
  }

  @Test
  void theReferenceKeepsItsPromises() throws Exception {
    TestRunner.check("memory", new MemoryStage());
  }
}
