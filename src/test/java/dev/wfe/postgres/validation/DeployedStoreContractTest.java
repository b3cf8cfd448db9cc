package dev.wfe.postgres.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Drift;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import dev.wfe.tck.postgres.DeployedStoreContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs a user's test as the user's build does. */
@ExtendWith(TestDatabaseExtension.class)
final class DeployedStoreContractTest {
  private static final String STORE = "deployed.store";

  // The user's test begins.
  static final class DeployedStoreCheck extends DeployedStoreContract {
    @Override
    protected PostgresPersistenceProvider deployedStore() {
      return PostgresPersistenceProvider.connect(System.getProperty("deployed.store", ""));
    }
  }

  // The user's test ends.

  @AfterEach
  void clear() {
    System.clearProperty(STORE);
  }

  private static TestExecutionSummary build(String url) {
    System.setProperty(STORE, url);
    return build();
  }

  private static TestExecutionSummary build() {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(DeployedStoreCheck.class))
                .build(),
            listener);
    return listener.getSummary();
  }

  private static Throwable failure(TestExecutionSummary summary) {
    assertThat(summary.getTestsFoundCount()).isOne();
    assertThat(summary.getTestsFailedCount()).isOne();
    return summary.getFailures().get(0).getException();
  }

  @Test
  void aStoreThatAgreesPasses(TestDatabase database) {
    TestExecutionSummary summary = build(database.url());

    assertThat(summary.getFailures()).isEmpty();
    assertThat(summary.getTestsSucceededCount()).isOne();
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatDiffersFailsWithWhatDiffers(Drift drift, @EmptyDatabase TestDatabase database) {
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
    }
    drift.happenTo(database);

    for (int build = 1; build <= 2; build++) {
      assertThat(failure(build(database.url())))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageEndingWith("\n  " + drift.difference());
    }
  }

  @Test
  void withoutAStoreItFailsAndMakesNone(@EmptyDatabase TestDatabase database) {
    assertThat(failure(build(database.url())))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageStartingWith("There is no store in schema wfc");
    assertThat(database.queryForString("select to_regnamespace('wfc')")).isNull();
  }

  @Test
  void aDatabaseThatIsNotThereFails() {
    assertThat(failure(build("postgres://nobody:secret@localhost:1/nowhere")))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("no connection to PostgreSQL")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aUrlThatIsNotSetFails() {
    assertThat(failure(build()))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("url must be postgres://");
  }
}
