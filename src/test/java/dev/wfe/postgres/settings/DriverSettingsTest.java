package dev.wfe.postgres.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Driver settings that change how statements are sent. Operations of two statements still run in
 * one transaction, or the provider does not open.
 */
class DriverSettingsTest {
  private static final Instant NOON = Instant.parse("2024-02-29T12:00:00Z");

  /** More than the driver needs to prepare a statement on the server. */
  private static final int CALLS = 8;

  private static final String EVERYTHING =
      "select (select jsonb_agg(w) from wfc.workflows w)::text"
          + " || (select jsonb_agg(e) from wfc.events e)::text"
          + " || (select count(*) from wfc.event_subscriptions)::text";

  private static TestDatabase database;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @AfterEach
  void empty() {
    database.emptyStore("wfc");
  }

  private static String url(String settings) {
    return database.url() + (database.url().contains("?") ? "&" : "?") + settings;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preferQueryMode=extended",
        "preferQueryMode=extendedForPrepared",
        "preferQueryMode=extendedCacheEverything",
        "stringtype=unspecified",
        "stringtype=unspecified&prepareThreshold=0",
        "stringtype=unspecified&prepareThreshold=5",
        "stringtype=varchar",
        "autosave=always",
        "autosave=conservative",
        "prepareThreshold=0",
        "prepareThreshold=1",
        "prepareThreshold=5",
        "binaryTransfer=false",
        "reWriteBatchedInserts=true",
        "cleanupSavepoints=true",
        "defaultRowFetchSize=1",
        "preparedStatementCacheQueries=0",
        "adaptiveFetch=true",
        "logUnclosedConnections=true",
        "readOnlyMode=ignore",
        "disableColumnSanitiser=true"
      })
  void operationsOfTwoStatementsRunInOneTransaction(String settings) {
    try (PostgresPersistenceProvider provider =
        PostgresPersistenceProvider.connect(url(settings))) {
      work(provider);
    }
    try (HikariDataSource pool = pool(url(settings));
        PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(pool)) {
      database.emptyStore("wfc");
      work(provider);
    }
  }

  private static HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setMaximumPoolSize(2);
    return pool;
  }

  @ParameterizedTest
  @ValueSource(strings = {"preferQueryMode=simple", "prepareThreshold=-1"})
  void aSettingThatSplitsOperationsIsRefusedAtOpening(String settings) {
    String name = settings.substring(0, settings.indexOf('='));
    assertThatThrownBy(() -> PostgresPersistenceProvider.connect(url(settings)))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining(name);
    try (HikariDataSource pool = pool(url(settings))) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.over(pool))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining(name);
    }
  }

  /** Whatever was found when the provider opened. */
  @ParameterizedTest
  @MethodSource("operationsOfTwoStatements")
  void anOperationWhoseStatementsRunInSeveralTransactionsIsRefused(
      Consumer<PersistenceProvider> operation) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(database.url());
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.over(dataSource)) {
      provider.createNewWorkflow(WorkflowInstance.builder("d", 1).id("w").build());
      provider.createEvent(Event.builder("n", "w").id("e").eventTime(NOON).build());
      String before = database.queryForString(EVERYTHING);
      dataSource.setPreferQueryMode(PreferQueryMode.SIMPLE);

      assertThatThrownBy(() -> operation.accept(provider))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("preferQueryMode");
      assertThat(database.queryForString(EVERYTHING)).isEqualTo(before);
    }
  }

  static Stream<Named<Consumer<PersistenceProvider>>> operationsOfTwoStatements() {
    EventSubscription subscription =
        EventSubscription.builder("w", "p", "n", "w").subscribeAsOf(NOON).build();
    return Stream.of(
        Named.of(
            "persistWorkflow without a revision",
            provider ->
                provider.persistWorkflow(
                    provider.getWorkflowInstance("w").toBuilder()
                        .reference("r")
                        .revision(null)
                        .build())),
        Named.of(
            "persistWorkflowWithSubscriptions",
            provider ->
                provider.persistWorkflowWithSubscriptions(
                    provider.getWorkflowInstance("w"), List.of(subscription))),
        Named.of(
            "createEventSubscription", provider -> provider.createEventSubscription(subscription)),
        Named.of("markEventProcessed", provider -> provider.markEventProcessed("e")));
  }

  private static void work(PostgresPersistenceProvider provider) {
    for (int i = 0; i < CALLS; i++) {
      String id = "w" + i;
      provider.createNewWorkflow(WorkflowInstance.builder("d", 1).id(id).build());
      WorkflowInstance byHand =
          provider.getWorkflowInstance(id).toBuilder().reference("r").revision(null).build();
      provider.persistWorkflow(byHand);
      provider.createEvent(Event.builder("n", id).id("e" + i).eventTime(NOON).build());
      assertThat(provider.markEventProcessed("e" + i)).isTrue();
      EventSubscription subscription =
          EventSubscription.builder(id, "p", "n", id).subscribeAsOf(NOON).build();
      assertThat(
              provider
                  .persistWorkflowWithSubscriptions(
                      provider.getWorkflowInstance(id), List.of(subscription))
                  .eventIds())
          .containsExactly("e" + i);
      provider.createEventSubscription(subscription);
      assertThat(provider.markEventProcessed("e" + i)).isFalse();
      provider.scheduleCommand(ScheduledCommand.processWorkflow(id, 0));
      assertThat(provider.processCommands(NOON, command -> {}).handled()).isEqualTo(1);
    }
  }
}
