package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each change is made in a transaction that is rolled back. */
@ExtendWith(TestDatabaseExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class DriftTest {
  private static final StoreNames NAMES = new StoreNames("Wfe_Test", "Px_");

  /** What each type turns into: something else, and something narrower if there is one. */
  private static final Map<String, List<String>> OTHER_TYPES =
      Map.of(
          "text", List.of("varchar", "varchar(1024)", "name"),
          "jsonb", List.of("json", "text"),
          "timestamp with time zone", List.of("timestamp", "timestamptz(3)", "text"),
          "bigint", List.of("smallint", "numeric", "text"),
          "integer", List.of("smallint", "bigint", "text"),
          "boolean", List.of("text"));

  private final TestDatabase database;
  private final Connection connection;
  private final StoreValidator validator;

  DriftTest(@EmptyDatabase TestDatabase database) throws SQLException {
    this.database = database;
    SchemaManager.migrate(database.dataSource(), NAMES);
    connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    validator = new StoreValidator(database.dataSource(), NAMES);
  }

  @AfterAll
  void close() throws SQLException {
    validator.close();
    connection.close();
  }

  private List<String> problemsAfter(String... changes) throws SQLException {
    try {
      for (String change : changes) {
        OnlineMigration.execute(connection, change);
      }
      return validator.problems(connection);
    } finally {
      connection.rollback();
    }
  }

  private void assertOnlyProblem(List<String> problems, Column column, String... parts) {
    assertThat(problems).isNotEmpty();
    assertThat(problems)
        .allSatisfy(
            problem ->
                assertThat(problem)
                    .startsWith("table %s, column ".formatted(column.table()))
                    .contains(column.name()));
    assertThat(String.join("\n", problems)).contains(parts);
  }

  /** A column of the migrated store. */
  record Column(
      String table, String name, String type, boolean nullable, boolean key, boolean hasDefault) {
    String alter(String change) {
      return "alter table %s alter column %s %s".formatted(qualified(), name, change);
    }

    String qualified() {
      return "\"Wfe_Test\".\"%s\"".formatted(table);
    }
  }

  Stream<Arguments> columns() {
    return database
        .queryForStrings(
            """
            select concat_ws('|', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              not a.attnotnull, coalesce(a.attnum = any (i.indkey::int2[]), false), a.atthasdef)
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            left join pg_index i on i.indrelid = c.oid and i.indisprimary
            where c.relnamespace = '"Wfe_Test"'::regnamespace and c.relkind = 'r'
              and c.relname <> 'Px_wfe_schema_history'
            order by c.relname, a.attnum
            """)
        .stream()
        .map(DriftTest::column)
        .map(Arguments::of);
  }

  private static Column column(@Nullable String row) {
    String[] parts = String.valueOf(row).split("\\|", -1);
    return new Column(
        parts[0],
        parts[1],
        parts[2],
        parts[3].equals("t"),
        parts[4].equals("t"),
        parts[5].equals("t"));
  }

  @Test
  void everyTableIsLookedAt() {
    assertThat(columns()).hasSize(96);
    assertThat(columns().map(arguments -> ((Column) arguments.get()[0]).table()).distinct())
        .hasSize(13);
  }

  @ParameterizedTest
  @MethodSource("columns")
  void aDroppedColumnIsFound(Column column) throws SQLException {
    List<String> problems =
        problemsAfter(
            "alter table %s drop column %s cascade".formatted(column.qualified(), column.name()));

    assertThat(problems)
        .contains("table %s, column %s: is missing".formatted(column.table(), column.name()));
  }

  @ParameterizedTest
  @MethodSource("columns")
  void aColumnOfAnotherOrANarrowerTypeIsFound(Column column) throws SQLException {
    for (String type : OTHER_TYPES.getOrDefault(column.type(), List.of())) {
      List<String> problems =
          problemsAfter(
              dropIndexesOf(column),
              "alter table %s drop constraint if exists \"%s_workflow_id_fkey\""
                  .formatted(column.qualified(), column.table()),
              "alter table %s drop constraint if exists \"%s_priority_check\""
                  .formatted(column.qualified(), column.table()),
              column.alter("drop default"),
              column.alter("type %1$s using null::%1$s".formatted(type)));

      assertThat(problems)
          .as(type)
          .anySatisfy(
              problem ->
                  assertThat(problem)
                      .startsWith(
                          "table %s, column %s: is ".formatted(column.table(), column.name()))
                      .contains("should be"));
    }
    assertThat(OTHER_TYPES).containsKey(column.type());
  }

  /** Keys, and what depends on them, would not let the column change. */
  private static String dropIndexesOf(Column column) {
    return """
    do $$
    declare found record;
    begin
      for found in
        select conrelid::regclass as rel, conname from pg_constraint
        where contype in ('f', 'u', 'p')
          and connamespace = '"Wfe_Test"'::regnamespace
        order by contype
      loop
        execute format('alter table %%s drop constraint %%I cascade', found.rel, found.conname);
      end loop;
      for found in
        select indexrelid::regclass as name from pg_index where indrelid = '%s'::regclass
      loop
        execute format('drop index %%s', found.name);
      end loop;
    end $$
    """
        .formatted(column.qualified());
  }

  @ParameterizedTest
  @MethodSource("columns")
  void aColumnThatLostOrGotNotNullIsFound(Column column) throws SQLException {
    if (column.key()) {
      assertThat(column.nullable()).isFalse();
      return;
    }
    List<String> problems =
        problemsAfter(column.alter(column.nullable() ? "set not null" : "drop not null"));

    assertOnlyProblem(
        problems,
        column,
        column.nullable() ? "is not null, should be nullable" : "is nullable, should be not null");
  }

  @ParameterizedTest
  @MethodSource("columns")
  void aLostOrAnotherDefaultIsFound(Column column) throws SQLException {
    if (!column.hasDefault()) {
      return;
    }
    assertOnlyProblem(
        problemsAfter(column.alter("drop default")), column, "no default, should have default");
    String another =
        Map.of("jsonb", "'[1]'", "boolean", "current_user = 'x'").getOrDefault(column.type(), "7");
    assertOnlyProblem(
        problemsAfter(column.alter("set default " + another)), column, "should have default");
  }

  @ParameterizedTest
  @CsvSource({
    "workflows,id",
    "definition_sequences,definition_id",
    "execution_pointers,id",
    "events,id",
    "event_subscriptions,id",
    "execution_errors,id",
    "scheduled_commands,id",
    "command_claims,claim_token",
    "workflow_leases,workflow_id",
    "event_leases,event_id"
  })
  void aLostPrimaryKeyIsFound(String table, String column) throws SQLException {
    List<String> problems =
        problemsAfter(
            "alter table %s drop constraint \"Px_%s_pkey\" cascade"
                .formatted(NAMES.table(table), table));

    assertThat(problems)
        .contains("table Px_%s, column %s: should be the primary key".formatted(table, column));
  }

  @Test
  void lostUniquenessIsFound() throws SQLException {
    assertThat(
            problemsAfter(
                "alter table \"Wfe_Test\".\"Px_workflows\" drop constraint"
                    + " \"Px_workflows_name_key\""))
        .containsExactly("table Px_workflows, column name: should be unique");
    assertThat(
            problemsAfter(
                "alter table \"Wfe_Test\".\"Px_scheduled_commands\""
                    + " drop constraint \"Px_scheduled_commands_command_name_data_key\""))
        .containsExactly(
            "table Px_scheduled_commands, column command_name, data: should be unique");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create unique index on %s (name) where status = 'Runnable'",
        "create unique index on %s (lower(name))",
        "create unique index on %s (name, id)",
        "alter table %s add unique (name) deferrable",
        "create index on %s (name)"
      })
  void uniquenessThatDoesNotHoldAlwaysIsNone(String instead) throws SQLException {
    assertThat(
            problemsAfter(
                "alter table \"Wfe_Test\".\"Px_workflows\" drop constraint"
                    + " \"Px_workflows_name_key\"",
                instead.formatted("\"Wfe_Test\".\"Px_workflows\"")))
        .containsExactly("table Px_workflows, column name: should be unique");
  }

  @Test
  void aLostOrUncheckedForeignKeyIsFound() throws SQLException {
    String drop =
        "alter table \"Wfe_Test\".\"Px_execution_pointers\""
            + " drop constraint \"Px_execution_pointers_workflow_id_fkey\"";
    String problem =
        "table Px_execution_pointers, column workflow_id:"
            + " should have a valid foreign key to table Px_workflows";

    assertThat(problemsAfter(drop)).containsExactly(problem);
    assertThat(
            problemsAfter(
                drop,
                "alter table \"Wfe_Test\".\"Px_execution_pointers\" add foreign key (workflow_id)"
                    + " references \"Wfe_Test\".\"Px_workflows\" not valid"))
        .containsExactly(problem);
  }

  @Test
  void aColumnOfAnotherMustNotBeMandatory() throws SQLException {
    String add = "alter table \"Wfe_Test\".\"Px_events\" add column theirs ";

    assertThat(problemsAfter(add + "int not null"))
        .containsExactly(
            "table Px_events, column theirs: does not belong to the store and is not null without a"
                + " default; add a default or drop not null");
    assertThat(problemsAfter(add + "int")).isEmpty();
    assertThat(problemsAfter(add + "int not null default 1")).isEmpty();
    assertThat(problemsAfter(add + "int generated always as identity")).isEmpty();
  }

  @Test
  void aMissingTableAndAViewInItsPlaceAreFound() throws SQLException {
    String rename = "alter table \"Wfe_Test\".\"Px_events\" rename to hidden";

    assertThat(problemsAfter(rename)).containsExactly("table Px_events is missing");
    assertThat(
            problemsAfter(
                rename,
                "create view \"Wfe_Test\".\"Px_events\" as select * from \"Wfe_Test\".hidden"))
        .containsExactly("table Px_events is missing");
  }

  @Test
  void allProblemsComeTogether(@EmptyDatabase TestDatabase other) {
    SchemaManager.migrate(other.dataSource(), NAMES);
    other.execute("alter table \"Wfe_Test\".\"Px_events\" drop column event_data");
    other.execute(
        "alter table \"Wfe_Test\".\"Px_workflows\" alter column description type varchar(100)");

    assertThatThrownBy(() -> SchemaManager.validate(other.dataSource(), NAMES))
        .isInstanceOfSatisfying(
            StoreSetupException.class,
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "table Px_events, column event_data: is missing",
                        "table Px_workflows, column description:"
                            + " is character varying(100), should be text"));
  }

  @Test
  void aMissingStoreIsReported(@EmptyDatabase TestDatabase other) {
    assertThatThrownBy(() -> SchemaManager.validate(other.dataSource(), NAMES))
        .isInstanceOfSatisfying(
            StoreSetupException.class, failure -> assertThat(failure.problems()).isEmpty())
        .hasMessageStartingWith("There is no store in schema Wfe_Test: ")
        .hasMessageContaining("none of the tables Px_command_claims, ");
  }
}
