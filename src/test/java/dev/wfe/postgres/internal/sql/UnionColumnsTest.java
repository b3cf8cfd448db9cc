package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.internal.mapping.StoreFields;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UnionColumnsTest {
  private static final UnionColumns COLUMNS =
      new UnionColumns(Columns.of(StoreFields.EVENT), Columns.of(StoreFields.ERROR));

  @Test
  void columnsOfOneTypeShareAColumnAndTheRestAreTypedNulls() {
    assertThat(COLUMNS.ofFirst("t"))
        .isEqualTo(
            "t.id, t.event_name, t.event_key, null::text, t.event_data, t.event_time,"
                + " t.is_processed");
    assertThat(COLUMNS.ofSecond("u"))
        .isEqualTo(
            "u.workflow_id, u.execution_pointer_id, u.message, null::text, null::jsonb, u.error_time,"
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
                5,
                "event_time",
                6,
                "is_processed",
                7));
    assertThat(COLUMNS.indexesOfSecond(2))
        .isEqualTo(
            Map.of("workflow_id", 3, "execution_pointer_id", 4, "message", 5, "error_time", 8));
  }
}
