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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class ResultColumnsTest {
  private static final String TWO_TABLES =
      "select i as w_id, 'b of w' as w_b, i as p_id, 'a of p' as p_a, 'b of p' as p_b"
          + " from generate_series(1, 4) i";

  private final TestDatabase database;

  ResultColumnsTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void eachColumnIsTheRightOneInWhateverOrderRowsAreRead() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(TWO_TABLES)) {
      ResultColumns workflow = new ResultColumns(rows, "w", "w_");
      ResultColumns pointer = new ResultColumns(rows, "p", "p_");
      for (List<String> order :
          List.of(List.of("a", "b"), List.of("b", "a"), List.of("b", "b"), List.of("a", "b"))) {
        rows.next();
        ResultSetRow row = pointer.row();
        assertThat(row.id()).isEqualTo(rows.getString("p_id"));
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
      ResultColumns workflow = new ResultColumns(rows, "w", "w_");
      rows.next();
      ResultSetRow row = workflow.row();

      assertThatThrownBy(() -> row.optionalText("a"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("w_a");
    }
  }
}
