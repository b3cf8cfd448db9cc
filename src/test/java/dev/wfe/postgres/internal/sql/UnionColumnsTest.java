package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UnionColumnsTest {
  private static final UnionColumns COLUMNS =
      new UnionColumns(Columns.of(StoreFields.EVENT), Columns.of(StoreFields.COMMAND));

  @Test
  void columnsOfOneTypeShareAColumnAndTheRestAreTypedNulls() {
    assertThat(COLUMNS.ofFirst("t"))
        .isEqualTo(
            "t.id, t.event_name, t.event_key, t.event_data, t.event_time, null::bigint,"
                + " t.is_processed");
    assertThat(COLUMNS.ofSecond("u"))
        .isEqualTo(
            "u.command_name, u.data, null::text, null::jsonb, null::timestamptz, u.execute_time,"
                + " null::boolean");
  }

  @Test
  void eachTableHasTheIndexesOfItsColumns() {
    assertThat(COLUMNS.indexesOfFirst(0))
        .isEqualTo(
            Map.of(
                "id",
                1,
                "event_name",
                2,
                "event_key",
                3,
                "event_data",
                4,
                "event_time",
                5,
                "is_processed",
                7));
    assertThat(COLUMNS.indexesOfSecond(2))
        .isEqualTo(Map.of("command_name", 3, "data", 4, "execute_time", 8));
  }
}
