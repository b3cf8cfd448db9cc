package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Drift;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@ExtendWith(TestDatabaseExtension.class)
final class ValidateTest {
  private static final String UNREACHABLE = "postgres://nobody:secret@localhost:1/nowhere";

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final TestDatabase database;

  ValidateTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
  }

  private int run(@Nullable String environment, String... arguments) {
    CommandLine commandLine = CliRun.program(environment, directory).commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private void createStore(PostgresOptions options) {
    try (PostgresPersistenceProvider store =
        PostgresPersistenceProvider.connect(database.url(), options)) {
      store.ensureStoreExists();
    }
  }

  @Test
  void aStoreThatAgreesIsReportedWithWhatWasCompared() {
    createStore(PostgresOptions.defaults());

    assertThat(run(null, "schema", "validate", "--url", database.url()))
        .as(err.toString())
        .isZero();
    assertThat(out.toString())
        .isEqualToIgnoringNewLines(
            "Compared the 13 tables wfc.* with the mapping, column by column: they agree.");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void schemaAndPrefixAreThoseNamedAndTheUrlThatOfTheEnvironment() {
    createStore(PostgresOptions.builder().schema("Orders").tablePrefix("wf_").build());

    assertThat(run(database.url(), "schema", "validate", "--schema=Orders", "--table-prefix=wf_"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("the 13 tables Orders.wf_* with");
    assertThat(run(database.url(), "schema", "validate")).isEqualTo(CliException.DATABASE);
  }

  @ParameterizedTest
  @EnumSource
  void aDifferenceIsALineOfItsOwn(Drift drift) {
    createStore(PostgresOptions.defaults());
    drift.happenTo(database);

    assertThat(run(database.url(), "schema", "validate")).isEqualTo(CliException.DIFFERENT);
    assertThat(err.toString().lines())
        .containsExactly(
            "The tables of the store in schema wfc differ from the expected ones",
            "  " + drift.difference());
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void allDifferencesAreSaid() {
    createStore(PostgresOptions.defaults());
    for (Drift drift : Drift.values()) {
      drift.happenTo(database);
    }

    assertThat(run(database.url(), "schema", "validate")).isEqualTo(CliException.DIFFERENT);
    assertThat(err.toString().lines().skip(1)).hasSize(Drift.values().length);
  }

  @Test
  void withoutAStoreNoneIsMade() {
    assertThat(run(database.url(), "schema", "validate")).isEqualTo(CliException.DATABASE);
    assertThat(err.toString()).startsWith("There is no store in schema wfc: ");
    assertThat(database.queryForString("select to_regnamespace('wfc')")).isNull();
  }

  /** It sees the catalogue, and none of the rows. */
  @Test
  void aRoleThatMayOnlyConnectAndReadIsEnough() {
    createStore(PostgresOptions.defaults());
    String role = "validator_" + UUID.randomUUID().toString().substring(0, 8);
    database.execute(
        "create role %1$s login password 'secret'; alter role %1$s set default_transaction_read_only = on"
            .formatted(role));
    String url = database.url().replaceAll("user=\\w+", "user=" + role) + "&password=secret";
    try {
      assertThat(url).contains(role);
      assertThat(run(url, "schema", "validate")).as(err.toString()).isZero();
      Drift.A_MISSING_COLUMN.happenTo(database);
      assertThat(run(url, "schema", "validate")).isEqualTo(CliException.DIFFERENT);
    } finally {
      database.execute("drop role " + role);
    }
  }

  @Test
  void anUnreachableDatabaseIsReportedWithoutItsPassword() {
    assertThat(run(UNREACHABLE, "schema", "validate")).isEqualTo(CliException.DATABASE);
    assertThat(err.toString())
        .contains("no connection to PostgreSQL", "localhost:1")
        .doesNotContain("secret", "Exception");
  }

  @Test
  void withoutAUrlNothingIsStarted() {
    assertThat(run(null, "schema", "validate")).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).contains("set --url or WFE_DATABASE_URL");
    assertThat(Files.exists(directory.resolve(".wfe"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://nobody:secret@localhost/db",
        "--uri=postgres://nobody:secret@localhost/db",
        "--url=mysql://nobody:secret@localhost/db",
        "--schema=pg_catalog",
        "--table-prefix=a-b",
        "--unknown",
        "--url"
      })
  void argumentsThatMakeNoSenseAreSaidWithoutAPassword(String argument) {
    assertThat(run(UNREACHABLE, "schema", "validate", argument)).isEqualTo(CliException.USAGE);
    assertThat(err.toString()).isNotBlank().doesNotContain("secret", "Exception");
  }

  @Test
  void helpMentionsIt() {
    assertThat(run(null, "--help")).isZero();
    assertThat(run(null, "schema", "validate", "--help")).isZero();
    assertThat(out.toString()).contains("schema ", "--table-prefix=PREFIX", "Exit codes:");
  }
}
