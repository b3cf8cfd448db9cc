package dev.wfe.postgres.cdi;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The settings of a store that is injected, from MicroProfile Config where there is one, else from
 * system properties and the environment ({@code WFE_DATASOURCE_URL} for {@code
 * wfe.datasource.url}). Exactly one of the first three says where the store is:
 *
 * <ul>
 *   <li>{@code wfe.datasource.url}: a pool of our own, as {@code
 *       PostgresPersistenceProvider.connect} opens it
 *   <li>{@code wfe.datasource.jndi}: a data source of the container by its JNDI name; {@code
 *       wfe.datasource.jta=false} if it does not take part in JTA transactions
 *   <li>{@code wfe.persistence-unit}: a persistence unit with the store's entities: {@code default}
 *       for the {@code EntityManagerFactory} that is a bean, the name of the bean if it has one, or
 *       a JNDI name that starts with {@code java:}
 *   <li>{@code wfe.migrate}: whether to create or upgrade the store first; {@code true} by default
 *   <li>{@code wfe.validate}: whether to compare its tables with the entities; {@code false} by
 *       default
 *   <li>{@code wfe.lazy}: whether to open the store when it is first used, not when the application
 *       starts; {@code false} by default
 *   <li>the {@link PostgresOptions}: {@code wfe.schema}, {@code wfe.table-prefix}, {@code
 *       wfe.pool.size}, {@code wfe.connect-timeout}, {@code wfe.statement-timeout}, {@code
 *       wfe.retry-timeout} (as {@code PT30S}), {@code wfe.application-name}, {@code
 *       wfe.pooling-proxy}, {@code wfe.direct-url}
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
   * Refuses settings that cannot be followed.
   *
   * @throws StoreSetupException naming the setting
   */
  void check() {
    var unusedPlace = place();
    var unusedOptions = options();
    isJta();
    isToBeMigrated();
    isToBeValidated();
    isLazy();
  }

  /** Which of the settings says where the store is. */
  String place() {
    List<String> set = places();
    if (set.size() == 1) {
      return set.get(0);
    }
    String problem =
        set.isEmpty()
            ? "Nothing says where the store of workflow state is"
            : "The store of workflow state cannot be in several places: "
                + String.join(" and ", set)
                + " are set";
    throw new StoreSetupException(
        problem
            + "; set one of "
            + String.join(", ", PLACES)
            + ", as a property or, as %s and so on, in the environment"
                .formatted(environmentName(URL)),
        null);
  }

  /** All of those settings that are set. */
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
    return builder.poolingProxy(isTrue("wfe.pooling-proxy", false)).build();
  }

  private void set(String key, Consumer<String> option) {
    values.apply(key).ifPresent(option);
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

  /** MicroProfile Config where there is one; else system properties, then the environment. */
  private static Function<String, Optional<String>> sources() {
    try {
      return MicroProfile.config();
    } catch (NoClassDefFoundError | IllegalStateException none) {
      return CdiSettings::ofTheSystem;
    }
  }

  /** As MicroProfile Config looks them up: {@code wfe.pool.size} is {@code WFE_POOL_SIZE} too. */
  private static Optional<String> ofTheSystem(String key) {
    return Optional.ofNullable(System.getProperty(key))
        .or(() -> Optional.ofNullable(System.getenv(environmentName(key))))
        .filter(value -> !value.isEmpty());
  }

  static String environmentName(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** Loaded only where its API is. */
  private static final class MicroProfile {
    static Function<String, Optional<String>> config() {
      var config = ConfigProvider.getConfig();
      return key -> config.getOptionalValue(key, String.class);
    }
  }
}
