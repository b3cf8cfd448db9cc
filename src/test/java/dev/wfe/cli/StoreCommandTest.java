package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What all commands on a store have in common. */
@ExtendWith(TestDatabaseExtension.class)
final class StoreCommandTest {
  private static CliRun.With on(TestDatabase database) {
    return CliRun.With.url(database.url());
  }

  @Test
  void aStoreIsCreatedAfterConfirmationAndItsStepsAreShown(@EmptyDatabase TestDatabase database) {
    CliRun none = on(database).run("list");
    assertThat(none.exitCode()).isEqualTo(CliException.DATABASE);
    assertThat(none.err().lines()).singleElement().asString().contains("'wfe schema migrate'");

    assertThat(on(database).run("schema", "migrate").exitCode())
        .isEqualTo(CliException.NOT_CONFIRMED);
    assertThat(database.queryForString("select to_regnamespace('wfc')")).isNull();

    CliRun migrated = on(database).run("schema", "migrate", "--yes");
    assertThat(migrated.exitCode()).as(migrated.err()).isZero();
    assertThat(migrated.out()).contains("applied").doesNotContain("pending");
    assertThat(on(database).run("schema", "info", "-o=csv").out())
        .startsWith("step,")
        .contains("1,");
    assertThat(on(database).run("list").exitCode()).isZero();
  }

  @Test
  void olderAndNewerStoresAreRefusedInOneLine(@EmptyDatabase TestDatabase database) {
    assertThat(on(database).run("schema", "migrate", "--yes").exitCode()).isZero();
    database.execute(
        "insert into wfc.wfe_schema_history (installed_rank, version, description, type, script,"
            + " installed_by, execution_time, success) select max(installed_rank) + 1, '9000',"
            + " 'later', 'SQL', 'V9000__later.sql', 'x', 1, true from wfc.wfe_schema_history");
    CliRun newer = on(database).run("list");
    assertThat(newer.exitCode()).isEqualTo(CliException.DATABASE);
    assertThat(newer.err().lines()).singleElement().asString().contains("newer", "9000");
    assertThat(on(database).run("schema", "info").out()).contains("newer");

    database.execute(
        "delete from wfc.wfe_schema_history where version = '9000' or version::int >= 13");
    CliRun older = on(database).run("suspend", "--yes", "id");
    assertThat(older.exitCode()).isEqualTo(CliException.DATABASE);
    assertThat(older.err().lines()).singleElement().asString().contains("older", "13");
  }

  @Test
  void theSqlOfTheStepsIsPrintedForTheSchema(@EmptyDatabase TestDatabase database) {
    CliRun sql = on(database).run("schema", "sql", "--schema=Shop", "--table-prefix=x_");
    assertThat(sql.exitCode()).as(sql.err()).isZero();
    assertThat(sql.out())
        .contains("\"Shop\".\"x_workflows\"", "-- step 1: ", "-- a program:")
        .contains(
            "create index concurrently if not exists \"x_idx_workflows_claim\""
                + " on \"Shop\".\"x_workflows\" using btree")
        .doesNotContain("${");
    assertThat(database.queryForString("select to_regnamespace('\"Shop\"')")).isNull();
  }

  @Test
  void aPasswordOnTheCommandLineIsRefused() {
    for (String url :
        List.of("postgres://me:secret@localhost/db", "jdbc:postgresql://h/d?password=secret")) {
      CliRun run = CliRun.With.url(null).run("list", "--url", url);
      assertThat(run.exitCode()).isEqualTo(CliException.USAGE);
      assertThat(run.err()).contains("PGPASSWORD").doesNotContain("secret");
    }
  }

  @Test
  void userAndPasswordComeFromTheEnvironment(TestDatabase database) {
    String role = "operator_" + java.util.UUID.randomUUID().toString().substring(0, 8);
    database.execute(
        "create role %1$s login password 'a&b c'; grant usage on schema wfc to %1$s; grant select on all tables in schema wfc to %1$s"
            .formatted(role));
    try {
      String url = database.url().replaceAll("user=\\w+&?", "").replaceAll("password=\\w*&?", "");
      CliRun run =
          CliRun.With.url(null)
              .variable("PGUSER", role)
              .variable("PGPASSWORD", "a&b c")
              .run("list", "--url", url);
      assertThat(run.exitCode()).as(run.err() + url).isZero();
      CliRun change =
          CliRun.With.url(url)
              .variable("PGUSER", role)
              .variable("PGPASSWORD", "a&b c")
              .run("publish", "paid", "1", "--yes");
      assertThat(change.exitCode()).as("it may only read").isNotZero();
      assertThat(change.err().lines()).hasSize(1);
    } finally {
      database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  @Test
  void withoutADatabaseNothingIsDone() {
    CliRun run = CliRun.With.url(null).run("list");
    assertThat(run.exitCode()).isEqualTo(CliException.USAGE);
    assertThat(run.err()).contains("set --url or WFE_DATABASE_URL");
  }

  @Test
  void everyCommandHasHelpWithItsExitCodes() {
    for (CommandSpec command :
        commands(CliRun.program(null, java.nio.file.Path.of("")).commandLine())) {
      String help = command.commandLine().getUsageMessage();
      assertThat(help).as(command.qualifiedName()).contains("--help");
      if (command.userObject() instanceof StoreCommand) {
        assertThat(help)
            .as(command.qualifiedName())
            .contains("--url=URL", "--production=NAME", "Exit codes:", "  5   not confirmed");
      }
    }
  }

  private static List<CommandSpec> commands(CommandLine root) {
    List<CommandSpec> all = new ArrayList<>();
    for (Map.Entry<String, CommandLine> entry : root.getSubcommands().entrySet()) {
      all.add(entry.getValue().getCommandSpec());
      all.addAll(commands(entry.getValue()));
    }
    return all;
  }
}
