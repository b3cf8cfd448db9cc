package dev.wfe.postgres.internal.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class ResultColumnsTest {
  private static final String TWO_TABLES =
      "select i as id, 'a of w' as a, 'b of w' as b, 'a of p', 'b of p'"
          + " from generate_series(1, 4) i";

  private static final Map<String, Integer> PLACES = Map.of("id", 1, "a", 4, "b", 5);

  private final TestDatabase database;

  ResultColumnsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void eachColumnIsReadByNameInAnyOrder() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TWO_TABLES)) {
      ResultColumns workflow = ResultColumns.labelled(rows, "w");
      ResultColumns pointer = ResultColumns.at(PLACES, rows, "p");
      for (List<String> order :
          List.of(List.of("a", "b"), List.of("b", "a"), List.of("b", "b"), List.of("a", "b"))) {
        rows.next();
        ResultSetRow row = pointer.row();
        assertThat(row.id()).isEqualTo(rows.getString(1));
        for (String column : order) {
          assertThat(row.optionalText(column)).isEqualTo(column + " of p");
        }
        assertThat(workflow.row().optionalText("b")).isEqualTo("b of w");
      }
    }
  }

  @Test
  void aColumnThatTheResultLacksIsAnError() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TWO_TABLES)) {
      ResultColumns labelled = ResultColumns.labelled(rows, "w");
      ResultColumns placed = ResultColumns.at(PLACES, rows, "p");
      rows.next();

      assertThatThrownBy(() -> labelled.row().optionalText("c"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("column name c");
      assertThatThrownBy(() -> placed.row().optionalText("c"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("column c");
    }
  }
}
