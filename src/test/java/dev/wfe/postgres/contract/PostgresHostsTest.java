package dev.wfe.postgres.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.HostRegistration;
import dev.wfe.persistence.HostedDefinition;
import dev.wfe.persistence.RegisteredHost;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rows of hosts that are old or that others stored. */
@ExtendWith(TestDatabaseExtension.class)
final class PostgresHostsTest {
  private static final DefinitionVersion ORDER = new DefinitionVersion("order", 1);

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  PostgresHostsTest(TestDatabase database) {
    this.database = database;
    provider = PostgresPersistenceProvider.over(database.dataSource());
  }

  @BeforeEach
  void startEmpty() {
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    provider.close();
  }

  private void register(String id) {
    provider.registerHost(
        new HostRegistration(
            id,
            id,
            "1",
            Duration.ZERO,
            Duration.ofMinutes(1),
            List.of(new HostedDefinition(ORDER))));
  }

  private void deadSince(String id, String interval) {
    register(id);
    database.execute(
        "update wfc.workflow_hosts set expires_at = now() - interval '%s' where id = '%s'"
            .formatted(interval, id));
  }

  private List<String> hosts() {
    return provider.getHosts(100).stream().map(RegisteredHost::id).toList();
  }

  @Test
  void aSignOfLifeRemovesTheHostsThatAreDeadForADay() {
    deadSince("old", "25 hours");
    deadSince("recent", "23 hours");
    deadSince("also old", "9 days");

    register("live");

    assertThat(hosts()).containsExactly("live", "recent");
  }

  @Test
  void aHostThatWasPausedForDaysIsLiveAgain() {
    deadSince("paused", "9 days");

    register("paused");

    assertThat(provider.getLiveHosts(ORDER, 9)).extracting(RegisteredHost::id).contains("paused");
  }

  @Test
  void aSignOfLifeDoesNotWaitForRowsThatSomebodyHasLocked() throws SQLException {
    deadSince("old", "25 hours");
    try (Connection other = database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      try (Statement lock = other.createStatement()) {
        lock.execute("select * from wfc.workflow_hosts for update");
      }

      register("live");

      other.rollback();
    }
    assertThat(hosts()).containsExactly("live", "old");
  }

  @Test
  void rowsThatCannotBeReadHideNoOthersAndAreLogged() {
    register("good");
    database.execute(
        """
        insert into wfc.workflow_hosts (id, name, started_at, last_seen_at, expires_at, definitions)
        select id, 'bad', now(), seen::timestamptz, now() + interval '1 h', definitions::jsonb
        from (values
          ('infinite', 'infinity', '[]'), ('object', 'now', '{}'), ('number', 'now', '[7]'),
          ('no id', 'now', '[{"version": 1}]'), ('no version', 'now', '[{"id": "order"}]'),
          ('limit', 'now', '[{"id": "order", "version": 1, "atATime": 0}]'),
          ('text', 'now', '[{"id": "order", "version": 1, "atATimePerKey": "1"}]'),
          ('fraction', 'now', '[{"id": "order", "version": 1.5}]'),
          ('no period', 'now', '[{"id": "order", "version": 1, "rate": 1}]'),
          ('large period', 'now',
            '[{"id": "order", "version": 1, "rate": 1, "periodMicros": 9e30}]')
        ) bad (id, seen, definitions)
        """);

    try (LogCapture log = new LogCapture()) {
      assertThat(hosts()).containsExactly("good");
      assertThat(provider.getLiveHosts(ORDER, 100)).hasSize(1);
      assertThat(log.text()).contains("workflow_hosts", "infinite", "no version", "large period");
    }
  }
}
