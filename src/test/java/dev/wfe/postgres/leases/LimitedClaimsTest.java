package dev.wfe.postgres.leases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimLimits;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.PausedReads;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Claims under limits that overlap. */
@ExtendWith(TestDatabaseExtension.class)
final class LimitedClaimsTest {
  private static final String DEFINITION = "limited";

  private final TestDatabase database;

  LimitedClaimsTest(TestDatabase database) {
    this.database = database;
  }

  private static ClaimedWorkflows claim(PersistenceProvider host, int version) {
    return host.claimWorkflows(
        new ClaimRequest(
            "host of version " + version,
            List.of(new DefinitionVersion(DEFINITION, version)),
            1,
            Long.MAX_VALUE,
            Duration.ofHours(1),
            Map.of(DEFINITION, new ClaimLimits(1, null, null))));
  }

  /** Each host would take another workflow, so only the limit keeps them apart. */
  @Test
  void claimThatOverlapsAnotherTakesNothingAndDoesNotWait() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url());
        PausedReads paused = PausedReads.of(database)) {
      for (int version = 1; version <= 2; version++) {
        provider.create(
            WorkflowInstance.builder(DEFINITION, version).id("of version " + version).build());
      }
      paused.pause();
      Future<ClaimedWorkflows> first = thread.submit(() -> claim(paused.provider(), 1));
      paused.awaitReader();

      ClaimedWorkflows overlapping = claim(provider, 2);
      assertThat(overlapping.workflows()).isEmpty();
      assertThat(overlapping.untilNextDue()).isLessThanOrEqualTo(Duration.ofMillis(10));

      paused.goOn();
      assertThat(first.get(1, TimeUnit.MINUTES).workflows()).hasSize(1);
      assertThat(claim(provider, 2).workflows()).isEmpty();
      provider.release(List.of(first.get().workflows().get(0).claim()));
      assertThat(claim(provider, 2).workflows()).hasSize(1);
    } finally {
      thread.shutdownNow();
    }
  }
}
