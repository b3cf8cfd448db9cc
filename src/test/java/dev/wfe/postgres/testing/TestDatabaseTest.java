package dev.wfe.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
final class TestDatabaseTest {
  @Test
  void aLeakedConnectionFailsTheTest() throws SQLException {
    TestDatabase database = TestDatabase.empty();

    try (Connection leaked = database.dataSource().getConnection()) {
      assertThat(leaked.isValid(1)).isTrue();
      assertThatThrownBy(database::close)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("left open");
    }
  }

  @Test
  void theSessionIsInAnOddTimeZone(TestDatabase database) {
    assertThat(database.queryForString("select '1900-01-01 00:00:00Z'::timestamptz::text"))
        .isEqualTo("1899-12-31 23:16:52-00:43:08");
  }

  @Test
  void databasesAreIndependent(
      TestDatabase database, @EmptyDatabase TestDatabase one, @EmptyDatabase TestDatabase two) {
    one.execute("create table here (n int)");

    assertThat(one.queryForString("select count(*) from here")).isEqualTo("0");
    assertThat(two.queryForString("select to_regclass('here')")).isNull();
    assertThat(database.queryForString("select count(*) from wfc.workflows")).isEqualTo("0");
  }
}
