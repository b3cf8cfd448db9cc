package dev.wfe.postgres.cdi;

import dev.wfe.host.WorkflowHost;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.retention.Retention;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The settings of the injected provider. They are read from MicroProfile Config if it is present,
 * otherwise from system properties and the environment ({@code WFE_DATASOURCE_URL} for {@code
 * wfe.datasource.url}). Exactly one of these has to be set:
 *
 * <ul>
 *   <li>{@code wfe.datasource.url}: the URL of a database, for which {@code
 *       PostgresPersistenceProvider.connect} opens a connection pool
 *   <li>{@code wfe.datasource.jndi}: the JNDI name of a data source of the container; set {@code
 *       wfe.datasource.jta=false} if it does not take part in JTA transactions
 *   <li>{@code wfe.persistence-unit}: a persistence unit with the store's entities. The value is
 *       {@code default} for the {@code EntityManagerFactory} bean without a name, the name of such
 *       a bean, or a JNDI name that starts with {@code java:}
 * </ul>
 *
 * <p>The others are optional:
 *
 * <ul>
 *   <li>{@code wfe.migrate}: whether to create or upgrade the store when it is opened; {@code true}
 *       by default
 *   <li>{@code wfe.validate}: whether to compare the tables with the entities when the store is
 *       opened; {@code false} by default
 *   <li>{@code wfe.lazy}: whether to open the store on its first use instead of at the start of the
 *       application; {@code false} by default
 *   <li>the {@link PostgresOptions}: {@code wfe.schema}, {@code wfe.table-prefix}, {@code
 *       wfe.pool.size}, {@code wfe.connect-timeout}, {@code wfe.statement-timeout}, {@code
 *       wfe.retry-timeout} (such as {@code PT30S}), {@code wfe.group-size}, {@code wfe.wake-ups},
 *       {@code wfe.transactional-wake-ups}, {@code wfe.application-name}, {@code
 *       wfe.pooling-proxy}, {@code wfe.direct-url}
 *   <li>{@code wfe.host.enabled}: whether the application executes workflows; {@code true} by
 *       default
 *   <li>{@code wfe.host.workers}, {@code wfe.host.lease}, {@code wfe.host.polling.shortest}, {@code
 *       wfe.host.polling.longest}, {@code wfe.host.close-timeout}, {@code wfe.host.watch-interval}:
 *       see {@link WorkflowHost.Builder}
 *   <li>{@code wfe.host.retention.complete}, {@code …terminated}, {@code …events}, {@code …errors},
 *       {@code …orphans}: for how long the store keeps what, see {@link Retention}
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class CdiSettings {
  static final String URL = "wfe.datasource.url";
  static final String JNDI = "wfe.datasource.jndi";
  static final String UNIT = "wfe.persistence-unit";
  static final String DEFAULT_UNIT = "default";
  private static final List<String> PLACES = List.of(URL, JNDI, UNIT);

  private final Function<String, Optional<String>> values;

  CdiSettings(Function<String, Optional<String>> values) {
    this.values = values;
  }

  static CdiSettings found() {
    return new CdiSettings(sources());
  }

  /**
   * Checks all settings.
   *
   * @throws StoreSetupException if one is invalid; the message names it
   */
  void check() {
    var unusedPlace = place();
    var unusedOptions = options();
    isJta();
    isToBeMigrated();
    isToBeValidated();
    isLazy();
    isHostEnabled();
  }

  /** The setting that says where the store is. */
  String place() {
    List<String> set = places();
    if (set.size() == 1) {
      return set.get(0);
    }
    String problem =
        set.isEmpty()
            ? "The location of the workflow store is not configured"
            : "The location of the workflow store is configured more than once: "
                + String.join(" and ", set)
                + " are set";
    throw new StoreSetupException(
        problem
            + "; set exactly one of "
            + String.join(", ", PLACES)
            + " as a property, or in the environment as %s and so on"
                .formatted(environmentName(URL)),
        null);
  }

  /** The settings for the store's location that are set. */
  List<String> places() {
    return PLACES.stream().filter(key -> values.apply(key).isPresent()).toList();
  }

  String value(String key) {
    return values.apply(key).orElseThrow();
  }

  boolean isJta() {
    return isTrue("wfe.datasource.jta", true);
  }

  boolean isToBeMigrated() {
    return isTrue("wfe.migrate", true);
  }

  boolean isToBeValidated() {
    return isTrue("wfe.validate", false);
  }

  boolean isLazy() {
    return isTrue("wfe.lazy", false);
  }

  PostgresOptions options() {
    PostgresOptions.Builder builder = PostgresOptions.builder();
    set("wfe.schema", builder::schema);
    set("wfe.table-prefix", builder::tablePrefix);
    set("wfe.application-name", builder::applicationName);
    set("wfe.direct-url", builder::directUrl);
    set("wfe.pool.size", size -> builder.poolSize(number("wfe.pool.size", size)));
    setDuration("wfe.connect-timeout", builder::connectTimeout);
    setDuration("wfe.statement-timeout", builder::statementTimeout);
    setDuration("wfe.retry-timeout", builder::retryTimeout);
    set("wfe.group-size", size -> builder.groupSize(number("wfe.group-size", size)));
    builder.wakeUps(isTrue("wfe.wake-ups", true));
    builder.transactionalWakeUps(isTrue("wfe.transactional-wake-ups", false));
    return builder.poolingProxy(isTrue("wfe.pooling-proxy", false)).build();
  }

  boolean isHostEnabled() {
    return isTrue("wfe.host.enabled", true);
  }

  /**
   * Passes the settings under {@code wfe.host} to the builder.
   *
   * @throws StoreSetupException if one is invalid; the message names it
   */
  void apply(WorkflowHost.Builder host) {
    String shortest = "wfe.host.polling.shortest";
    String longest = "wfe.host.polling.longest";
    set("wfe.host.workers", count -> host.workers(number("wfe.host.workers", count)));
    setDuration("wfe.host.lease", host::lease);
    setDuration("wfe.host.close-timeout", host::closeTimeout);
    setDuration("wfe.host.watch-interval", host::watchInterval);
    host.retention(retention());
    if (values.apply(shortest).or(() -> values.apply(longest)).isPresent()) {
      host.polling(
          duration(shortest, values.apply(shortest).orElse("PT0.05S")),
          duration(longest, values.apply(longest).orElse("PT5S")));
    }
  }

  private Retention retention() {
    Retention.Builder kept = Retention.builder();
    setDuration("wfe.host.retention.complete", kept::complete);
    setDuration("wfe.host.retention.terminated", kept::terminated);
    setDuration("wfe.host.retention.events", kept::events);
    setDuration("wfe.host.retention.errors", kept::errors);
    setDuration("wfe.host.retention.orphans", kept::orphans);
    return kept.build();
  }

  private void set(String key, Consumer<String> option) {
    values
        .apply(key)
        .ifPresent(
            value -> {
              try {
                option.accept(value);
              } catch (IllegalArgumentException invalid) {
                throw new StoreSetupException(
                    "%s is '%s': %s".formatted(key, value, invalid.getMessage()), invalid);
              }
            });
  }

  private void setDuration(String key, Consumer<Duration> option) {
    set(key, value -> option.accept(duration(key, value)));
  }

  private boolean isTrue(String key, boolean otherwise) {
    String value = values.apply(key).orElse(Boolean.toString(otherwise));
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refusal(key, value, "true or false");
    };
  }

  private static int number(String key, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException none) {
      throw refusal(key, value, "a number");
    }
  }

  private static Duration duration(String key, String value) {
    try {
      return Duration.parse(value);
    } catch (DateTimeParseException none) {
      throw refusal(key, value, "a duration such as PT30S");
    }
  }

  private static StoreSetupException refusal(String key, String value, String wanted) {
    return new StoreSetupException("%s is '%s', not %s".formatted(key, value, wanted), null);
  }

  /** MicroProfile Config if it is present; otherwise system properties, then the environment. */
  private static Function<String, Optional<String>> sources() {
    try {
      return MicroProfile.config();
    } catch (NoClassDefFoundError | IllegalStateException none) {
      return CdiSettings::systemSetting;
    }
  }

  /**
   * Uses the rules of MicroProfile Config: {@code wfe.pool.size} can be set as {@code
   * WFE_POOL_SIZE}.
   */
  private static Optional<String> systemSetting(String key) {
    return Optional.ofNullable(System.getProperty(key))
        .or(() -> Optional.ofNullable(System.getenv(environmentName(key))))
        .filter(value -> !value.isEmpty());
  }

  static String environmentName(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** Loaded only if the API is present. */
  private static final class MicroProfile {
    static Function<String, Optional<String>> config() {
      var config = ConfigProvider.getConfig();
      return key -> config.getOptionalValue(key, String.class);
    }
  }
}
