package dev.wfe.postgres;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a store is set up. Immutable; start from {@link #defaults()}.
 *
 * <p>Only the application name travels as a connection start-up parameter, because pooling proxies
 * refuse others.
 *
 * @param schema the schema that holds the tables: letters, digits and underscores, not starting
 *     with a digit, case kept, at most 63 bytes; {@code wfc} by default
 * @param tablePrefix what the name of every table, index and sequence starts with: as the schema,
 *     at most {@value #MAX_PREFIX_BYTES} bytes; empty by default
 * @param poolSize how many connections {@link PostgresPersistenceProvider#connect} opens at most;
 *     10 by default; a lent data source keeps its own
 * @param connectTimeout how long a call of a provider that was {@link
 *     PostgresPersistenceProvider#connect connected} waits for a connection of the pool, in the
 *     order of the calls, and then for a new one where none is open; 10 seconds by default; a lent
 *     data source keeps its own
 * @param statementTimeout how long one statement may run before it is cancelled, up to a second
 *     later; where cancelling does not help, because server or network hang, its connection is
 *     given up some seconds after that. Zero for no limit; 30 seconds by default; migrations are
 *     not limited
 * @param retryTimeout for how long after its start a call is tried again, after growing waits, when
 *     it failed for a reason that passes and certainly changed nothing; zero for no second try; 10
 *     seconds by default
 * @param applicationName what {@code pg_stat_activity} shows; {@code wfe-postgres} by default; a
 *     lent data source keeps its own
 * @param poolingProxy whether a proxy between hosts and database hands each transaction to another
 *     session, as PgBouncer does in transaction mode; false by default, and true for a proxy that
 *     is recognised when the provider opens. Then statements are not prepared on the server, unless
 *     the URL has a {@code prepareThreshold}, nothing is set on a session, and what needs a session
 *     of its own, {@link PostgresPersistenceProvider#ensureStoreExists} and {@link
 *     PostgresPersistenceProvider#validateStore}, is refused without a direct URL. An external data
 *     source or factory whose connections prepare statements is refused; set the driver's {@code
 *     prepareThreshold} to 0
 * @param directUrl where {@link PostgresPersistenceProvider#ensureStoreExists} and {@link
 *     PostgresPersistenceProvider#validateStore} connect, past the proxy, in the form of {@link
 *     PostgresPersistenceProvider#connect}; null, the default, for where everything else does
 */
public record PostgresOptions(
    String schema,
    String tablePrefix,
    int poolSize,
    Duration connectTimeout,
    Duration statementTimeout,
    Duration retryTimeout,
    String applicationName,
    boolean poolingProxy,
    @Nullable String directUrl) {
  /** PostgreSQL cuts longer names short. */
  private static final int MAX_NAME_BYTES = 63;

  /** The longest of the names that the prefix is put before. */
  static final String LONGEST_NAME = "idx_scheduled_commands_execute_time";

  /** The length of the longest table prefix. */
  public static final int MAX_PREFIX_BYTES = 28;

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Duration MIN_CONNECT_TIMEOUT = Duration.ofMillis(250);
  private static final Duration MIN_RETRY_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

  private static final PostgresOptions DEFAULTS =
      new PostgresOptions(
          "wfc",
          "",
          10,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          "wfe-postgres",
          false,
          null);

  /**
   * Refuses what cannot be used.
   *
   * @throws InvalidValueException naming the option and the limit
   */
  public PostgresOptions {
    requireIdentifier("schema", schema, MAX_NAME_BYTES);
    if (!tablePrefix.isEmpty()) {
      requireIdentifier("tablePrefix", tablePrefix, MAX_PREFIX_BYTES);
    }
    if (poolSize < 1 || poolSize > 10_000) {
      throw refusal("poolSize", "is %s, not between 1 and 10000".formatted(poolSize));
    }
    requireWithin("connectTimeout", connectTimeout, MIN_CONNECT_TIMEOUT);
    requireWithin("statementTimeout", statementTimeout, Duration.ZERO);
    requireWithin(
        "retryTimeout", retryTimeout, retryTimeout.isZero() ? Duration.ZERO : MIN_RETRY_TIMEOUT);
    if (applicationName.length() > MAX_NAME_BYTES || !applicationName.matches("[ -~]+")) {
      throw refusal("applicationName", "is not 1 to 63 printable ASCII characters");
    }
  }

  private static void requireIdentifier(String option, String name, int maxBytes) {
    if (!IDENTIFIER.matcher(name).matches() || name.length() > maxBytes) {
      throw refusal(
          option,
          "must be letters, digits and underscores, not start with a digit, and be %s bytes at most"
              .formatted(maxBytes));
    }
    if (option.equals("schema") && name.startsWith("pg_")) {
      throw refusal(option, "must not start with pg_, which PostgreSQL keeps for itself");
    }
  }

  private static void requireWithin(String option, Duration time, Duration least) {
    if (time.compareTo(least) < 0 || time.compareTo(MAX_TIMEOUT) > 0) {
      throw refusal(option, "is %s, not between %s and one day".formatted(time, least));
    }
  }

  private static InvalidValueException refusal(String option, String problem) {
    return new InvalidValueException("PostgresOptions", "", option, problem);
  }

  /** Schema {@code wfc}, no prefix, ten connections, and what the parameters say else. */
  public static PostgresOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Settings of Hibernate that make a persistence unit follow these options: schema and prefix, and
   * for a HikariCP pool that Hibernate opens, its size, its patience, the application name and what
   * a pooling proxy needs. To be given to {@code Persistence.createEntityManagerFactory("wfe", …)}
   * besides those of the connection, for units that hold the store's entities alone. The other
   * timeouts are not among them.
   */
  public Map<String, Object> hibernateProperties() {
    Map<String, Object> properties =
        new HashMap<>(
            Map.of(
                "hibernate.physical_naming_strategy",
                new StoreNamingStrategy(schema, tablePrefix),
                "hibernate.hikari.maximumPoolSize",
                Integer.toString(poolSize),
                "hibernate.hikari.connectionTimeout",
                Long.toString(connectTimeout.toMillis()),
                "hibernate.hikari.poolName",
                applicationName,
                "hibernate.hikari.dataSource.ApplicationName",
                applicationName,
                "hypersistence.utils.print.banner",
                "false"));
    if (poolingProxy) {
      properties.put("hibernate.hikari.dataSource.prepareThreshold", "0");
      properties.put(
          "hibernate.hikari.dataSource.assumeMinServerVersion",
          Integer.toString(Requirements.OLDEST_VERSION));
    }
    return Map.copyOf(properties);
  }

  StoreNames names() {
    return new StoreNames(schema, tablePrefix);
  }

  /** These options with another schema. */
  public PostgresOptions withSchema(String schema) {
    return with(copy -> copy.schema = schema);
  }

  /** These options with another table prefix. */
  public PostgresOptions withTablePrefix(String tablePrefix) {
    return with(copy -> copy.tablePrefix = tablePrefix);
  }

  /** These options with another pool size. */
  public PostgresOptions withPoolSize(int poolSize) {
    return with(copy -> copy.poolSize = poolSize);
  }

  /** These options with another connect timeout. */
  public PostgresOptions withConnectTimeout(Duration connectTimeout) {
    return with(copy -> copy.connectTimeout = connectTimeout);
  }

  /** These options with another statement timeout. */
  public PostgresOptions withStatementTimeout(Duration statementTimeout) {
    return with(copy -> copy.statementTimeout = statementTimeout);
  }

  /** These options with another retry timeout. */
  public PostgresOptions withRetryTimeout(Duration retryTimeout) {
    return with(copy -> copy.retryTimeout = retryTimeout);
  }

  /** These options with another application name. */
  public PostgresOptions withApplicationName(String applicationName) {
    return with(copy -> copy.applicationName = applicationName);
  }

  /** These options with a pooling proxy before the database, or without. */
  public PostgresOptions withPoolingProxy(boolean poolingProxy) {
    return with(copy -> copy.poolingProxy = poolingProxy);
  }

  /** These options with another direct URL. */
  public PostgresOptions withDirectUrl(@Nullable String directUrl) {
    return with(copy -> copy.directUrl = directUrl);
  }

  private PostgresOptions with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.options();
  }

  /** Every option, to be changed. */
  private static final class Copy {
    private String schema;
    private String tablePrefix;
    private int poolSize;
    private Duration connectTimeout;
    private Duration statementTimeout;
    private Duration retryTimeout;
    private String applicationName;
    private boolean poolingProxy;
    private @Nullable String directUrl;

    Copy(PostgresOptions options) {
      schema = options.schema;
      tablePrefix = options.tablePrefix;
      poolSize = options.poolSize;
      connectTimeout = options.connectTimeout;
      statementTimeout = options.statementTimeout;
      retryTimeout = options.retryTimeout;
      applicationName = options.applicationName;
      poolingProxy = options.poolingProxy;
      directUrl = options.directUrl;
    }

    PostgresOptions options() {
      return new PostgresOptions(
          schema,
          tablePrefix,
          poolSize,
          connectTimeout,
          statementTimeout,
          retryTimeout,
          applicationName,
          poolingProxy,
          directUrl);
    }
  }

  /** Everything but the direct URL, which may hold a password. */
  @Override
  public String toString() {
    return "PostgresOptions[schema=%s, tablePrefix=%s, poolSize=%s, connectTimeout=%s, "
        .concat("statementTimeout=%s, retryTimeout=%s, applicationName=%s, poolingProxy=%s, ")
        .concat("directUrl=%s]")
        .formatted(
            schema,
            tablePrefix,
            poolSize,
            connectTimeout,
            statementTimeout,
            retryTimeout,
            applicationName,
            poolingProxy,
            directUrl == null ? "none" : "…");
  }
}
