package dev.wfe.postgres.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.host.WorkflowHost;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CdiSettingsTest {
  private static CdiSettings settings(Map<String, String> values) {
    return new CdiSettings(key -> Optional.ofNullable(values.get(key)));
  }

  @Test
  void everyOptionHasASetting() {
    Map<String, String> values = new HashMap<>();
    values.put("wfe.datasource.url", "postgres://somewhere/db");
    values.put("wfe.schema", "flows");
    values.put("wfe.table-prefix", "wf_");
    values.put("wfe.pool.size", "3");
    values.put("wfe.connect-timeout", "PT1S");
    values.put("wfe.statement-timeout", "PT2S");
    values.put("wfe.retry-timeout", "PT3S");
    values.put("wfe.group-size", "7");
    values.put("wfe.wake-ups", "false");
    values.put("wfe.transactional-wake-ups", "true");
    values.put("wfe.application-name", "shop");
    values.put("wfe.pooling-proxy", "true");
    values.put("wfe.direct-url", "postgres://direct/db");

    CdiSettings settings = settings(values);
    settings.check();

    assertThat(settings.place()).isEqualTo("wfe.datasource.url");
    assertThat(settings.options())
        .isEqualTo(
            PostgresOptions.builder()
                .schema("flows")
                .tablePrefix("wf_")
                .poolSize(3)
                .connectTimeout(Duration.ofSeconds(1))
                .statementTimeout(Duration.ofSeconds(2))
                .retryTimeout(Duration.ofSeconds(3))
                .groupSize(7)
                .wakeUps(false)
                .transactionalWakeUps(true)
                .applicationName("shop")
                .poolingProxy(true)
                .directUrl("postgres://direct/db")
                .build());
  }

  @Test
  void withoutSettingsTheOptionsAreTheDefaults() {
    CdiSettings settings = settings(Map.of());

    assertThat(settings.options()).isEqualTo(PostgresOptions.defaults());
    assertThat(settings.isToBeMigrated()).isTrue();
    assertThat(settings.isToBeValidated()).isFalse();
    assertThat(settings.isLazy()).isFalse();
    assertThat(settings.isJta()).isTrue();
  }

  @Test
  void aStoreThatIsNowhereIsRefusedWithWhatToSet() {
    assertThatThrownBy(() -> settings(Map.of()).check())
        .isInstanceOf(StoreSetupException.class)
        .hasMessage(
            "The location of the workflow store is not configured; set exactly one of"
                + " wfe.datasource.url, wfe.datasource.jndi, wfe.persistence-unit as a property, or"
                + " in the environment as WFE_DATASOURCE_URL and so on");
  }

  @Test
  void aStoreThatIsInTwoPlacesIsRefused() {
    assertThatThrownBy(
            () ->
                settings(Map.of("wfe.datasource.url", "u", "wfe.datasource.jndi", "java:x"))
                    .check())
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("wfe.datasource.url and wfe.datasource.jndi are set");
  }

  @ParameterizedTest
  @CsvSource({
    "wfe.pool.size, many, not a number",
    "wfe.connect-timeout, 30, not a duration such as PT30S",
    "wfe.statement-timeout, 30s, not a duration such as PT30S",
    "wfe.retry-timeout, soon, not a duration such as PT30S",
    "wfe.migrate, yes, not true or false",
    "wfe.validate, on, not true or false",
    "wfe.lazy, 1, not true or false",
    "wfe.wake-ups, off, not true or false",
    "wfe.transactional-wake-ups, on, not true or false",
    "wfe.pooling-proxy, TRUE, not true or false",
    "wfe.datasource.jta, no, not true or false"
  })
  void aValueThatMeansNothingIsRefusedByItsName(String key, String value, String problem) {
    assertThatThrownBy(() -> settings(Map.of("wfe.datasource.url", "u", key, value)).check())
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("%s is '%s', %s".formatted(key, value, problem));
  }

  @Test
  void aValueBeyondTheLimitsIsRefused() {
    assertThatThrownBy(
            () -> settings(Map.of("wfe.datasource.url", "u", "wfe.pool.size", "0")).check())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("poolSize");
  }

  @Test
  void theEnvironmentNamesSettingsInCapitals() {
    assertThat(CdiSettings.environmentName("wfe.table-prefix")).isEqualTo("WFE_TABLE_PREFIX");
  }

  @Test
  void agesOfTheRetentionAreDurations() {
    WorkflowHost.Builder host = WorkflowHost.builder(new InMemoryPersistenceProvider());
    settings(Map.of("wfe.host.retention.complete", "P30D", "wfe.host.retention.orphans", "PT1H"))
        .apply(host);

    assertThatThrownBy(() -> settings(Map.of("wfe.host.retention.events", "30 days")).apply(host))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("wfe.host.retention.events is '30 days', not a duration such as PT30S");
    assertThatThrownBy(() -> settings(Map.of("wfe.host.retention.errors", "PT-1S")).apply(host))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("wfe.host.retention.errors")
        .hasMessageContaining("between 0 and 100000 days");
  }
}
