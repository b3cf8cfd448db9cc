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
  void theDefaultsAreTheTablesOfTheRustProviderAndTenConnections() {
    assertThat(DEFAULTS.toString())
        .isEqualTo(
            "PostgresOptions[schema=wfc, tablePrefix=, poolSize=10, connectTimeout=PT10S,"
                + " statementTimeout=PT30S, retryTimeout=PT10S, groupSize=128, wakeUps=true,"
                + " transactionalWakeUps=false, applicationName=wfe-postgres, poolingProxy=false, directUrl=none]");
  }

  @Test
  void eachOptionChangesIndependently() {
    PostgresOptions options =
        DEFAULTS.toBuilder()
            .schema("_S1")
            .tablePrefix("P_")
            .poolSize(1)
            .connectTimeout(Duration.ofMillis(250))
            .statementTimeout(Duration.ofDays(1))
            .retryTimeout(Duration.ZERO)
            .groupSize(1)
            .wakeUps(false)
            .transactionalWakeUps(true)
            .applicationName("a b")
            .poolingProxy(true)
            .directUrl("postgres://h/d")
            .build();

    assertThat(options.schema()).isEqualTo("_S1");
    assertThat(options.tablePrefix()).isEqualTo("P_");
    assertThat(options.poolSize()).isEqualTo(1);
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(options.statementTimeout()).isEqualTo(Duration.ofDays(1));
    assertThat(options.retryTimeout()).isEqualTo(Duration.ZERO);
    assertThat(options.groupSize()).isOne();
    assertThat(options.wakeUps()).isFalse();
    assertThat(options.transactionalWakeUps()).isTrue();
    assertThat(options.applicationName()).isEqualTo("a b");
    assertThat(options.poolingProxy()).isTrue();
    assertThat(options.directUrl()).isEqualTo("postgres://h/d");
    assertThat(options.toBuilder().build()).isEqualTo(options).hasSameHashCodeAs(options);
    assertThat(options).isNotEqualTo(DEFAULTS);
  }

  @Test
  void theDirectUrlIsNotShown() {
    assertThat(DEFAULTS.toBuilder().directUrl("postgres://u:secret@h/d").build().toString())
        .contains("schema=wfc", "directUrl=…")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a-b", "a b", "a\"", "a;b", "ä", "a.b", "pg_x", "a\n"})
  void aSchemaThatIsNoPlainIdentifierIsRefused(String schema) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().schema(schema).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("PostgresOptions: schema must");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1a", "a-b", "a\"", "a.b"})
  void aPrefixThatIsNoPlainIdentifierIsRefused(String prefix) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().tablePrefix(prefix).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("PostgresOptions: tablePrefix must be letters");
  }

  @Test
  void namesMayBeAsLongAsPostgresqlKeepsThem() {
    assertThat(DEFAULTS.toBuilder().schema("s".repeat(63)).build().schema()).hasSize(63);
    assertThat(
            DEFAULTS.toBuilder()
                .tablePrefix("p".repeat(PostgresOptions.MAX_PREFIX_BYTES))
                .build()
                .tablePrefix())
        .hasSize(63 - PostgresOptions.LONGEST_NAME.length());
    assertThatThrownBy(() -> DEFAULTS.toBuilder().schema("s".repeat(64)).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("63 bytes");
    assertThatThrownBy(
            () ->
                DEFAULTS.toBuilder()
                    .tablePrefix("p".repeat(PostgresOptions.MAX_PREFIX_BYTES + 1))
                    .build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("28 bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void aPoolSizeOutOfRangeIsRefused(int poolSize) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().poolSize(poolSize).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("PostgresOptions: poolSize is %s, not between 1 and 10000", poolSize);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 129})
  void aGroupSizeOutOfRangeIsRefused(int groupSize) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().groupSize(groupSize).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("PostgresOptions: groupSize is %s, not between 1 and 128", groupSize);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-0.000000001S", "PT24H0.000000001S"})
  void aTimeoutOutOfRangeIsRefused(Duration timeout) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().statementTimeout(timeout).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(
            "PostgresOptions: statementTimeout is %s, not between PT0S and one day", timeout);
    assertThatThrownBy(() -> DEFAULTS.toBuilder().connectTimeout(timeout).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("connectTimeout");
    assertThatThrownBy(() -> DEFAULTS.toBuilder().retryTimeout(timeout).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("retryTimeout");
  }

  @Test
  void aTimeoutTooShortForItsPurposeIsRefused() {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().connectTimeout(Duration.ofMillis(249)).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("connectTimeout is PT0.249S, not between PT0.25S and one day");
    assertThatThrownBy(() -> DEFAULTS.toBuilder().retryTimeout(Duration.ofMillis(99)).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("retryTimeout is PT0.099S, not between PT0.1S and one day");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ä", "a\n"})
  void anApplicationNameThatPostgresqlWouldChangeIsRefused(String name) {
    assertThatThrownBy(() -> DEFAULTS.toBuilder().applicationName(name).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("applicationName");
  }
}
