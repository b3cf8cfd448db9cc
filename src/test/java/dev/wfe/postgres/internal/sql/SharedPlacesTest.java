package dev.wfe.postgres.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class SharedPlacesTest {
  private static final SharedPlaces PLACES =
      new SharedPlaces(
          Columns.none().text("a").jsonb("b").text("c"),
          Columns.none().bool("x").text("y").jsonb("b", "z"));

  @Test
  void columnsOfOneTypeShareAPlaceAndTheOthersAreNullOfTheirs() {
    assertThat(PLACES.ofFirst("t")).isEqualTo("t.a, t.c, t.b, null::jsonb, null::boolean");
    assertThat(PLACES.ofSecond("u")).isEqualTo("u.y, null::text, u.b, u.z, u.x");
  }

  @Test
  void eachTableKnowsWhereItsColumnsStand() {
    assertThat(PLACES.placesOfFirst(0)).isEqualTo(Map.of("a", 1, "c", 2, "b", 3));
    assertThat(PLACES.placesOfSecond(2)).isEqualTo(Map.of("y", 3, "b", 5, "z", 6, "x", 7));
  }
}
