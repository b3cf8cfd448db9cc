package dev.wfe.postgres.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.store.CommandStore;
import dev.wfe.postgres.internal.store.Database;
import dev.wfe.postgres.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hibernate.SessionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases on commands, made short enough to see them renewed and lost. */
class LeaseTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_000);

  private TestDatabase database;
  private PostgresStore store;
  private CommandStore commands;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    store = new PostgresStore(database, PostgresOptions.defaults());
    SessionFactory factory = store.provider().entityManagerFactory().unwrap(SessionFactory.class);
    commands =
        new CommandStore(
            new Database(factory, Duration.ofSeconds(30)),
            new StoreNames("wfc", ""),
            Duration.ofSeconds(3));
    commands.scheduleCommand(ScheduledCommand.processWorkflow("id", 1));
  }

  @AfterEach
  void close() {
    commands.close();
    store.close();
    database.close();
  }

  private @Nullable String leaseEnd() {
    return database.queryForString("select claimed_until from wfc.command_claims");
  }

  private long handledByAnother() {
    return store.anotherHost().processCommands(NOW, command -> {}).handled();
  }

  @Test
  void aLeaseIsRenewedForAsLongAsTheHandlerRuns() {
    Set<@Nullable String> ends = new HashSet<>();

    ProcessedCommands processed =
        commands.processCommands(
            NOW,
            command -> {
              while (ends.size() < 4) {
                ends.add(leaseEnd());
                assertThat(handledByAnother()).isZero();
              }
            });

    assertThat(processed).isEqualTo(new ProcessedCommands(1, 0, List.of()));
    assertThat(ends).doesNotContainNull();
    assertThat(leaseEnd()).isNull();
    assertThat(handledByAnother()).isZero();
  }

  @Test
  void whoLostItsLeaseTakesNothingFromWhoHasTheCommandNow() {
    List<String> remaining = new ArrayList<>();

    commands.processCommands(
        NOW,
        command -> {
          database.execute("delete from wfc.command_claims");
          store
              .anotherHost()
              .processCommands(
                  NOW,
                  again ->
                      store
                          .anotherHost()
                          .scheduleCommand(again.toBuilder().executeTime(500).build()));
          remaining.addAll(queue());
        });

    assertThat(remaining).containsExactly("500");
    assertThat(queue()).containsExactly("500");
    assertThat(handledByAnother()).isEqualTo(1);
    assertThat(queue()).isEmpty();
  }

  private List<@Nullable String> queue() {
    return database.queryForStrings("select execute_time from wfc.scheduled_commands");
  }
}
