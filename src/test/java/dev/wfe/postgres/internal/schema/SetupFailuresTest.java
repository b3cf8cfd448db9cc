package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

@ExtendWith(TestDatabaseExtension.class)
final class SetupFailuresTest {
  private static final StoreNames NAMES = new StoreNames("Wfe_Test", "Px_");

  private final TestDatabase database;
  private final String role = "App_" + UUID.randomUUID().toString().substring(0, 8);

  SetupFailuresTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createRole() {
    database.execute("create role \"%s\" login password 'secret'".formatted(role));
  }

  @AfterEach
  void dropRole() {
    database.execute("drop owned by \"%1$s\"; drop role \"%1$s\"".formatted(role));
  }

  private DataSource asRole() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setUser(role);
    source.setPassword("secret");
    return source;
  }

  private StoreSetupException failure() {
    return catchThrowableOfType(
        StoreSetupException.class, () -> SchemaManager.migrate(asRole(), NAMES));
  }

  @Test
  void withoutTheRightToCreateSchemasTheMessageSaysWhatToRun() {
    StoreSetupException failure = failure();

    assertThat(failure.problems())
        .containsExactly("create schema \"Wfe_Test\" authorization \"%s\";".formatted(role));
    assertThat(failure).hasMessageContaining(failure.problems().get(0));
    assertThat(failure).hasMessageNotContaining("secret");
    failure.problems().forEach(database::execute);
    SchemaManager.migrate(asRole(), NAMES);
    SchemaManager.validate(asRole(), NAMES);
  }

  @Test
  void withoutRightsInTheSchemaTheMessageSaysWhatToRun() {
    database.execute("create schema \"Wfe_Test\"");

    StoreSetupException failure = failure();

    assertThat(failure.problems())
        .containsExactly("grant usage, create on schema \"Wfe_Test\" to \"%s\";".formatted(role));
    failure.problems().forEach(database::execute);
    SchemaManager.migrate(asRole(), NAMES);
  }

  @Test
  void aStoreThatAnotherRoleOwnsIsUpgradedAfterTheAdviceWasFollowed() {
    database.execute("create schema \"Wfe_Test\"");
    SchemaManager.flyway(database.dataSource(), NAMES).target("1").load().migrate();
    database.execute(
        "grant usage, create on schema \"Wfe_Test\" to \"%1$s\";"
            .concat("grant select on all tables in schema \"Wfe_Test\" to \"%1$s\"")
            .formatted(role));

    StoreSetupException failure = failure();

    assertThat(failure).hasMessageContaining("The store belongs to ");
    assertThat(failure.problems())
        .contains("alter table \"Wfe_Test\".\"Px_workflows\" owner to \"%s\";".formatted(role));
    failure.problems().forEach(database::execute);
    SchemaManager.migrate(asRole(), NAMES);
    SchemaManager.validate(asRole(), NAMES);
  }

  @Test
  void aStoreOfAnotherWriterIsUpgradedAfterTheAdviceWasFollowed() {
    database.execute("create schema \"Wfe_Test\"");
    SchemaManager.flyway(database.dataSource(), NAMES).target("1").load().migrate();
    database.execute("drop table \"Wfe_Test\".\"Px_wfe_schema_history\"");
    database.execute("create table \"Wfe_Test\".\"Px_of_somebody_else\" (id int)");

    StoreSetupException failure = failure();

    assertThat(failure).hasMessageContaining("docs/security.md\nIf \"" + role + "\" is to own");
    assertThat(failure.problems())
        .contains("alter table \"Wfe_Test\".\"Px_workflows\" owner to \"%s\";".formatted(role))
        .noneMatch(statement -> statement.contains("somebody_else"));
    failure.problems().forEach(database::execute);
    SchemaManager.migrate(asRole(), NAMES);
    SchemaManager.validate(asRole(), NAMES);
  }

  @Test
  void aStoreThatIsUpToDateNeedsNoRightToChangeIt() {
    SchemaManager.migrate(database.dataSource(), NAMES);
    database.execute(
        "grant usage on schema \"Wfe_Test\" to \"%1$s\";"
            .concat("grant select on all tables in schema \"Wfe_Test\" to \"%1$s\"")
            .formatted(role));

    SchemaManager.migrate(asRole(), NAMES);
    SchemaManager.validate(asRole(), NAMES);
  }

  @Test
  void aWrongPasswordAndAnUnknownDatabaseAreForTheAdministrator() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setDatabaseName("no_such_database");

    assertThatThrownBy(() -> SchemaManager.migrate(source, NAMES))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("no_such_database");
  }

  @Test
  void throughAPoolTheServersWordsComeFirst() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setDatabaseName("no_such_database");
    HikariConfig config = new HikariConfig();
    config.setPoolName("APP");
    config.setDataSource(source);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);

    try (HikariDataSource pool = new HikariDataSource(config)) {
      assertThatThrownBy(() -> SchemaManager.migrate(pool, NAMES))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageStartingWith(
              "PostgreSQL rejected the connection: database \"no_such_database\" does not exist"
                  + " (APP - ");
    }
  }

  @Test
  void aServerThatDoesNotAnswerMayAnswerLater() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl("jdbc:postgresql://localhost:1/postgres");

    assertThatThrownBy(() -> SchemaManager.migrate(source, NAMES))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageStartingWith("ensureStoreExists: no connection to PostgreSQL: ")
        .hasMessageContaining("localhost:1");
    assertThatThrownBy(() -> SchemaManager.validate(source, NAMES))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageStartingWith("validateStore: no connection to PostgreSQL: ");
  }

  @Test
  void nothingGoesOnWithoutTheLock() throws SQLException {
    try (Connection other = database.dataSource().getConnection();
        Connection connection = database.dataSource().getConnection();
        MigrationLock held = MigrationLock.acquire(other, NAMES, Duration.ZERO)) {
      assertThat(held.connection()).isSameAs(other);
      assertThatThrownBy(() -> MigrationLock.acquire(connection, NAMES, Duration.ofMillis(200)))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageStartingWith("Another process ");
    }
    try (Connection connection = database.dataSource().getConnection();
        MigrationLock free = MigrationLock.acquire(connection, NAMES, Duration.ZERO)) {
      assertThat(free.connection()).isSameAs(connection);
    }
  }
}
