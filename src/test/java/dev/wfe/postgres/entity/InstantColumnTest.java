package dev.wfe.postgres.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestDatabaseExtension.class)
final class InstantColumnTest {
  private static final List<Instant> EXACT =
      List.of(
          Instant.parse("-4713-11-24T00:00:00Z"),
          Instant.parse("-4713-12-31T23:59:59.999999Z"),
          Instant.parse("-4712-01-01T00:00:00.000001Z"),
          Instant.parse("-0004-02-29T12:00:00Z"),
          Instant.parse("0000-02-29T12:00:00Z"),
          Instant.parse("0000-12-31T23:59:59.999999Z"),
          Instant.parse("0001-01-01T00:00:00Z"),
          Instant.parse("1582-10-10T00:00:00Z"),
          Instant.parse("1899-12-31T23:59:59.999999Z"),
          Instant.parse("1969-12-31T23:59:59.999999Z"),
          Instant.parse("1970-01-01T00:00:00Z"),
          Instant.parse("1999-12-31T23:59:59.999999Z"),
          Instant.parse("2024-02-29T01:02:03.000004Z"),
          Instant.parse("2026-10-25T00:30:00.1Z"),
          Instant.parse("+10000-01-01T00:00:00Z"),
          Instant.parse("+294276-12-31T23:59:59.999999Z"));

  /** Sent often enough, the driver changes from the text form of results to the binary one. */
  private static final int RUNS = 8;

  private final TestDatabase database;

  InstantColumnTest(TestDatabase database) {
    this.database = database;
  }

  /** With and without the binary form, to which the driver changes for what is sent often. */
  static Stream<Arguments> zonesAndForms() {
    return Stream.of("UTC", "Africa/Monrovia", "Pacific/Apia", "Asia/Kathmandu", "+14", "-12")
        .flatMap(
            zone ->
                Stream.of(
                    Arguments.of(zone, "prepareThreshold=0"),
                    Arguments.of(zone, "prepareThreshold=5")));
  }

  @ParameterizedTest
  @MethodSource("zonesAndForms")
  void everyInstantOfPostgresqlIsExactInEveryTimeZone(String zone, String form)
      throws SQLException {
    String url = database.url();
    try (Connection connection =
            DriverManager.getConnection(url + (url.contains("?") ? "&" : "?") + form);
        Statement set = connection.createStatement();
        PreparedStatement echo =
            connection.prepareStatement(
                "select t, extract(epoch from t - timestamptz '2000-01-01 00:00:00+00')"
                    + " from (select ? as t) s")) {
      set.execute("set time zone '%s'".formatted(zone));
      for (int run = 0; run < RUNS; run++) {
        for (Instant instant : EXACT) {
          echo.setObject(1, InstantColumn.parameter(instant));
          try (ResultSet rows = echo.executeQuery()) {
            rows.next();
            assertThat(InstantColumn.read(rows, 1)).isEqualTo(instant);
            assertThat(rows.getBigDecimal(2)).isEqualByComparingTo(secondsSince2000(instant));
          }
        }
      }
    }
  }

  private static BigDecimal secondsSince2000(Instant instant) {
    return BigDecimal.valueOf(instant.getEpochSecond() - 946_684_800)
        .add(BigDecimal.valueOf(instant.getNano(), 9));
  }

  @ParameterizedTest
  @ValueSource(strings = {"infinity", "-infinity"})
  void anInfiniteTimeIsNotAnInstant(String infinite) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.url());
        PreparedStatement select =
            connection.prepareStatement(
                "select cast('%s' as timestamptz), null::timestamptz".formatted(infinite))) {
      for (int run = 0; run < RUNS; run++) {
        try (ResultSet rows = select.executeQuery()) {
          rows.next();
          assertThatThrownBy(() -> InstantColumn.read(rows, 1))
              .isInstanceOf(SQLDataException.class)
              .hasMessageContaining(infinite);
          assertThat(InstantColumn.read(rows, 2)).isNull();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-02T03:04:05.000000999Z, 2026-01-02 03:04:05.000000+00",
    "1969-12-31T23:59:59.999999999Z, 1969-12-31 23:59:59.999999+00",
    "0000-12-31T23:59:59.999999999Z, 0001-12-31 23:59:59.999999+00 BC"
  })
  void nanosecondsAreCutTowardsThePast(Instant instant, String text) {
    assertThat(InstantColumn.text(instant)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-4713-11-23T23:59:59.999999Z", "+294277-01-01T00:00:00Z"})
  void anInstantThatPostgresqlCannotHoldIsRefusedByIt(Instant instant) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.url());
        PreparedStatement echo = connection.prepareStatement("select ?::timestamptz")) {
      echo.setObject(1, InstantColumn.parameter(instant));

      assertThatThrownBy(echo::executeQuery)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("out of range");
    }
  }

  @Test
  void otherTextIsNotAnInstant() {
    for (String text :
        List.of(
            "",
            "25.12.2026 00:00:00 CET",
            "2026-02-30 00:00:00+00",
            "2026-01-01 24:00:00+00",
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:00+",
            "2026-01-01 00:00:00+0",
            "2026-01-01 00:00:00+00:",
            "2026-01-01 00:00:00+00:00:00:00",
            "2026-01-01 00:00:00+19",
            "2026-01-01 00:00:00.+00",
            "2026-01-01 00:00:00.1234567+00",
            "2026-01-01 00:00:00+00 BC ",
            "2026-01-01 00:00:00+00 AD",
            "2026-01-01T00:00:00+00",
            "2026-1-01 00:00:00+00",
            "2026-001-01 00:00:00+00",
            "226-01-01 00:00:00+00",
            "-2026-01-01 00:00:00+00",
            "1000000-01-01 00:00:00+00")) {
      assertThatThrownBy(() -> InstantColumn.parse(text))
          .isInstanceOf(SQLDataException.class)
          .hasMessageContaining(text);
    }
  }

  @Test
  void sqlNullIsNull() throws SQLException {
    byte @Nullable [] none = null;
    assertThat(InstantColumn.decode(none)).isNull();
  }
}
