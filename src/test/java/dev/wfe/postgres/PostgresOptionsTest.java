package dev.wfe.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.InvalidValueException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresOptionsTest {
  private static final PostgresOptions DEFAULTS = PostgresOptions.defaults();

  @Test
  void theDefaultsAreTheOriginsTablesAndTenConnections() {
    assertThat(DEFAULTS)
        .isEqualTo(
            new PostgresOptions(
                "wfc",
                "",
                10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                "wfe-postgres",
                false,
                null));
  }

  @Test
  void eachOptionIsChangedAlone() {
    assertThat(
            DEFAULTS
                .withSchema("_S1")
                .withTablePrefix("P_")
                .withPoolSize(1)
                .withConnectTimeout(Duration.ofMillis(250))
                .withStatementTimeout(Duration.ofDays(1))
                .withRetryTimeout(Duration.ZERO)
                .withApplicationName("a b")
                .withPoolingProxy(true)
                .withDirectUrl("postgres://h/d"))
        .isEqualTo(
            new PostgresOptions(
                "_S1",
                "P_",
                1,
                Duration.ofMillis(250),
                Duration.ofDays(1),
                Duration.ZERO,
                "a b",
                true,
                "postgres://h/d"));
  }

  @Test
  void theDirectUrlIsNotShown() {
    assertThat(DEFAULTS.withDirectUrl("postgres://u:secret@h/d").toString())
        .contains("schema=wfc", "directUrl=…")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a-b", "a b", "a\"", "a;b", "ä", "a.b", "pg_x", "a\n"})
  void aSchemaThatIsNoPlainIdentifierIsRefused(String schema) {
    assertThatThrownBy(() -> DEFAULTS.withSchema(schema))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("PostgresOptions: schema must");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1a", "a-b", "a\"", "a.b"})
  void aPrefixThatIsNoPlainIdentifierIsRefused(String prefix) {
    assertThatThrownBy(() -> DEFAULTS.withTablePrefix(prefix))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("PostgresOptions: tablePrefix must be letters");
  }

  @Test
  void namesMayBeAsLongAsPostgresqlKeepsThem() {
    assertThat(DEFAULTS.withSchema("s".repeat(63)).schema()).hasSize(63);
    assertThat(DEFAULTS.withTablePrefix("p".repeat(PostgresOptions.MAX_PREFIX_BYTES)).tablePrefix())
        .hasSize(63 - PostgresOptions.LONGEST_NAME.length());
    assertThatThrownBy(() -> DEFAULTS.withSchema("s".repeat(64)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("63 bytes");
    assertThatThrownBy(
            () -> DEFAULTS.withTablePrefix("p".repeat(PostgresOptions.MAX_PREFIX_BYTES + 1)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("28 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void aPoolSizeOutOfRangeIsRefused(int poolSize) {
    assertThatThrownBy(() -> DEFAULTS.withPoolSize(poolSize))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("PostgresOptions: poolSize is %s, not between 1 and 10000", poolSize);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-0.000000001S", "PT24H0.000000001S"})
  void aTimeoutOutOfRangeIsRefused(Duration timeout) {
    assertThatThrownBy(() -> DEFAULTS.withStatementTimeout(timeout))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(
            "PostgresOptions: statementTimeout is %s, not between PT0S and one day", timeout);
    assertThatThrownBy(() -> DEFAULTS.withConnectTimeout(timeout))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("connectTimeout");
    assertThatThrownBy(() -> DEFAULTS.withRetryTimeout(timeout))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("retryTimeout");
  }

  @Test
  void aTimeoutTooShortForItsPurposeIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.withConnectTimeout(Duration.ofMillis(249)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("connectTimeout is PT0.249S, not between PT0.25S and one day");
    assertThatThrownBy(() -> DEFAULTS.withRetryTimeout(Duration.ofMillis(99)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("retryTimeout is PT0.099S, not between PT0.1S and one day");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ä", "a\n"})
  void anApplicationNameThatPostgresqlWouldChangeIsRefused(String name) {
    assertThatThrownBy(() -> DEFAULTS.withApplicationName(name))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("applicationName");
  }
}
