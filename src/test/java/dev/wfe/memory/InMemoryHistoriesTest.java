package dev.wfe.memory;

import dev.wfe.histories.TestRun;
import dev.wfe.histories.TestRunner;
import dev.wfe.histories.workload.ThreadWorkers;
import dev.wfe.histories.workload.Workers;
import dev.wfe.model.ExecutionError;
import dev.wfe.persistence.PersistenceProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class InMemoryHistoriesTest {
  private static final int THREADS = 8;

  /** Two hosts that share a provider. */
  private static final class MemoryRun implements TestRun {
    private final InMemoryPersistenceProvider provider = new InMemoryPersistenceProvider();

    @Override
    public void empty() {
      provider.truncateAll();
    }

    @Override
    public Workers start(Path folder, long seed) {
      return new ThreadWorkers(folder, "w", seed, THREADS, List.of(provider, provider));
    }

    @Override
    public PersistenceProvider afterwards() {
      return provider;
    }

    @Override
    public Set<String> leftCommands() {
      return provider.tables.atomically(
          () ->
              provider.tables.commands.all().stream()
                  .map(row -> row.key().commandName().word() + " " + row.key().data())
                  .collect(Collectors.toSet()));
    }

    @Override
    public List<String> storedErrors() {
      return provider.persistedErrors().stream().map(ExecutionError::message).toList();
    }

    @Override
    public void close() {}
  }

  @Test
  void itsHistoriesKeepTheGuarantees() throws Exception {
    TestRunner.check("memory", new MemoryRun());
  }
}
