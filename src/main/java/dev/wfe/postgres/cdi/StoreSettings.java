package dev.wfe.postgres.cdi;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

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
public final class StoreSettings {
  static final String URL = "wfe.datasource.url";
  static final String JNDI = "wfe.datasource.jndi";
  static final String UNIT = "wfe.persistence-unit";
  static final String DEFAULT_UNIT = "default";
  private static final List<String> PLACES = List.of(URL, JNDI, UNIT);

  private final Function<String, Optional<String>> values;

  StoreSettings(Function<String, Optional<String>> values) {
    this.values = values;
  }

  static StoreSettings found() {
    return new StoreSettings(Sources.found());
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
                .formatted(Sources.environmentName(URL)),
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
    PostgresOptions options = PostgresOptions.defaults();
    options = with(options, "wfe.schema", PostgresOptions::withSchema);
    options = with(options, "wfe.table-prefix", PostgresOptions::withTablePrefix);
    options = with(options, "wfe.application-name", PostgresOptions::withApplicationName);
    options = with(options, "wfe.direct-url", PostgresOptions::withDirectUrl);
    options =
        with(
            options,
            "wfe.pool.size",
            (set, size) -> set.withPoolSize(number("wfe.pool.size", size)));
    options =
        with(
            options,
            "wfe.connect-timeout",
            (set, time) -> set.withConnectTimeout(duration("wfe.connect-timeout", time)));
    options =
        with(
            options,
            "wfe.statement-timeout",
            (set, time) -> set.withStatementTimeout(duration("wfe.statement-timeout", time)));
    options =
        with(
            options,
            "wfe.retry-timeout",
            (set, time) -> set.withRetryTimeout(duration("wfe.retry-timeout", time)));
    return options.withPoolingProxy(isTrue("wfe.pooling-proxy", false));
  }

  private PostgresOptions with(
      PostgresOptions options,
      String key,
      BiFunction<PostgresOptions, String, PostgresOptions> change) {
    return values.apply(key).map(value -> change.apply(options, value)).orElse(options);
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
}
