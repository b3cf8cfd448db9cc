package dev.wfe.postgres;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.entity.StoreNamingStrategy;
import dev.wfe.postgres.internal.connection.ProviderSettings;
import dev.wfe.postgres.internal.connection.ServerRequirements;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a provider is set up. Immutable.
 *
 * <pre>{@code
 * PostgresOptions options = PostgresOptions.builder().schema("orders").poolSize(20).build();
 * }</pre>
 *
 * <p>{@link Builder} says what each option means, and its default.
 */
public final class PostgresOptions {
  /** The length of the longest table prefix. */
  public static final int MAX_PREFIX_BYTES = 28;

  /** The longest of the names that the prefix is put before. */
  static final String LONGEST_NAME = "idx_scheduled_commands_execute_time";

  private static final PostgresOptions DEFAULTS = builder().build();

  private final ProviderSettings settings;

  private PostgresOptions(ProviderSettings settings) {
    this.settings = settings;
  }

  /** Every option at its default. */
  public static PostgresOptions defaults() {
    return DEFAULTS;
  }

  /** A builder with every option at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these options. */
  public Builder toBuilder() {
    return new Builder()
        .schema(schema())
        .tablePrefix(tablePrefix())
        .poolSize(poolSize())
        .connectTimeout(connectTimeout())
        .statementTimeout(statementTimeout())
        .retryTimeout(retryTimeout())
        .groupSize(groupSize())
        .wakeUps(wakeUps())
        .transactionalWakeUps(transactionalWakeUps())
        .applicationName(applicationName())
        .poolingProxy(poolingProxy())
        .directUrl(directUrl());
  }

  /** See {@link Builder#schema}. */
  public String schema() {
    return settings.names().schema();
  }

  /** See {@link Builder#tablePrefix}. */
  public String tablePrefix() {
    return settings.names().prefix();
  }

  /** See {@link Builder#poolSize}. */
  public int poolSize() {
    return settings.poolSize();
  }

  /** See {@link Builder#connectTimeout}. */
  public Duration connectTimeout() {
    return settings.connectTimeout();
  }

  /** See {@link Builder#statementTimeout}. */
  public Duration statementTimeout() {
    return settings.statementTimeout();
  }

  /** See {@link Builder#retryTimeout}. */
  public Duration retryTimeout() {
    return settings.retryTimeout();
  }

  /** See {@link Builder#groupSize}. */
  public int groupSize() {
    return settings.groupSize();
  }

  /** See {@link Builder#wakeUps}. */
  public boolean wakeUps() {
    return settings.wakeUps();
  }

  /** See {@link Builder#transactionalWakeUps}. */
  public boolean transactionalWakeUps() {
    return settings.transactionalWakeUps();
  }

  /** See {@link Builder#applicationName}. */
  public String applicationName() {
    return settings.applicationName();
  }

  /** See {@link Builder#poolingProxy}. */
  public boolean poolingProxy() {
    return settings.poolingProxy();
  }

  /** See {@link Builder#directUrl}. */
  public @Nullable String directUrl() {
    return settings.directUrl();
  }

  /**
   * Settings of Hibernate that make a persistence unit follow these options: schema and prefix, and
   * for a HikariCP pool that Hibernate opens, its size, its connection timeout, the application
   * name and what a pooling proxy needs. Pass them to {@code
   * Persistence.createEntityManagerFactory("wfe", …)} together with the connection's properties,
   * for units that hold the store's entities only. The other timeouts are not among them.
   */
  public Map<String, Object> hibernateProperties() {
    Map<String, Object> properties =
        new HashMap<>(
            Map.of(
                "hibernate.physical_naming_strategy",
                new StoreNamingStrategy(schema(), tablePrefix()),
                "hibernate.hikari.maximumPoolSize",
                Integer.toString(poolSize()),
                "hibernate.hikari.connectionTimeout",
                Long.toString(connectTimeout().toMillis()),
                "hibernate.hikari.poolName",
                applicationName(),
                "hibernate.hikari.dataSource.ApplicationName",
                applicationName(),
                "hypersistence.utils.print.banner",
                "false"));
    if (poolingProxy()) {
      properties.put("hibernate.hikari.dataSource.prepareThreshold", "0");
      properties.put(
          "hibernate.hikari.dataSource.assumeMinServerVersion",
          Integer.toString(ServerRequirements.OLDEST_VERSION));
    }
    return Map.copyOf(properties);
  }

  ProviderSettings settings() {
    return settings;
  }

  /** Equal options set up a provider in the same way. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PostgresOptions options && settings.equals(options.settings);
  }

  @Override
  public int hashCode() {
    return settings.hashCode();
  }

  /** Everything but the direct URL, which may hold a password. */
  @Override
  public String toString() {
    return "PostgresOptions[" + settings + "]";
  }

  /** Builds {@link PostgresOptions}. Not thread-safe. */
  public static final class Builder {
    /** PostgreSQL truncates longer names. */
    private static final int MAX_NAME_BYTES = 63;

    private static final int MAX_POOL_SIZE = 10_000;
    private static final int MAX_GROUP_SIZE = 128;
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Duration MIN_CONNECT_TIMEOUT = Duration.ofMillis(250);
    private static final Duration MIN_RETRY_TIMEOUT = Duration.ofMillis(100);
    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    private String schema = "wfc";
    private String tablePrefix = "";
    private int poolSize = 10;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration statementTimeout = Duration.ofSeconds(30);
    private Duration retryTimeout = Duration.ofSeconds(10);
    private int groupSize = MAX_GROUP_SIZE;
    private boolean wakeUps = true;
    private boolean transactionalWakeUps;
    private String applicationName = "wfe-postgres";
    private boolean poolingProxy;
    private @Nullable String directUrl;

    private Builder() {}

    /**
     * The schema that holds the tables: letters, digits and underscores, not starting with a digit,
     * case kept, at most 63 bytes. {@code wfc} by default.
     */
    public Builder schema(String schema) {
      this.schema = nonNull("schema", schema);
      return this;
    }

    /**
     * What the name of every table, index and sequence starts with: as the schema, at most {@value
     * PostgresOptions#MAX_PREFIX_BYTES} bytes. Empty by default.
     */
    public Builder tablePrefix(String tablePrefix) {
      this.tablePrefix = nonNull("tablePrefix", tablePrefix);
      return this;
    }

    /**
     * How many connections {@link PostgresPersistenceProvider#connect} opens at most, 1 to 10,000.
     * 10 by default. An external data source keeps its own size.
     */
    public Builder poolSize(int poolSize) {
      this.poolSize = poolSize;
      return this;
    }

    /**
     * How long an operation waits for a connection of the pool that {@link
     * PostgresPersistenceProvider#connect} opened, in the order of the calls, and then for a new
     * one where none is open. 10 seconds by default, 250 ms to one day. An external data source
     * keeps its own timeout.
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = nonNull("connectTimeout", connectTimeout);
      return this;
    }

    /**
     * How long one statement may run before it is cancelled, up to a second later. If the server or
     * the network does not react, its connection is closed some seconds after that. 30 seconds by
     * default, at most one day; zero for no limit. Migrations are not limited.
     */
    public Builder statementTimeout(Duration statementTimeout) {
      this.statementTimeout = nonNull("statementTimeout", statementTimeout);
      return this;
    }

    /**
     * How long after its start an operation is retried, with exponential back-off, after transient
     * failures that are known to have had no effect. 10 seconds by default, 100 ms to one day; zero
     * for no retry.
     */
    public Builder retryTimeout(Duration retryTimeout) {
      this.retryTimeout = nonNull("retryTimeout", retryTimeout);
      return this;
    }

    /**
     * How many writes of concurrent callers share a commit at most, 1 to 128. 128 by default. With
     * 1, each write has a commit of its own.
     *
     * <p>Writes share commits while there are more than a few callers at a time. A caller never
     * waits for others if there are none, and gets the same result or exception as without others,
     * after the commit. Only creations and guarded persists and writes outside a caller's
     * transaction take part. The provider executes them in threads of its own. So use 1 with a data
     * source or a factory that chooses the database, or the user, by the calling thread.
     */
    public Builder groupSize(int groupSize) {
      this.groupSize = groupSize;
      return this;
    }

    /**
     * Whether hosts of other processes are told that work is due, and hosts of this provider are
     * told by other processes. True by default. Without it, a host notices the work of other
     * processes when it polls.
     *
     * <p>After a commit that made work due, the provider sends a notification ({@code NOTIFY}), in
     * a thread and a transaction of its own: at once, then at most one every 10 ms. While there is
     * a listener of {@link PostgresPersistenceProvider#onWorkDue}, as every running host has one,
     * the provider listens on another connection. It opens both connections itself if it was opened
     * by a URL or has a {@link #directUrl}. Otherwise it borrows them from the external data source
     * or factory: one for each notification, and one for as long as there is a listener, so make
     * that pool one larger. A HikariCP pool lends one for a notification only if one is free, and
     * none to listen if it has fewer than 4 connections. Behind a pooling proxy the provider
     * listens only with a {@code directUrl}.
     *
     * <p>Switch it off for a data source that chooses the database, or the user, by the calling
     * thread.
     */
    public Builder wakeUps(boolean wakeUps) {
      this.wakeUps = wakeUps;
      return this;
    }

    /**
     * Whether a write in a caller's transaction whose commit the provider cannot observe sends the
     * notification as part of that transaction. False by default: hosts then notice the work when
     * they poll. No effect without {@link #wakeUps}.
     *
     * <p>The provider cannot observe the commit of a connection that was passed to {@link
     * PostgresPersistenceProvider#within(java.sql.Connection)} or {@link
     * OpenTransaction#of(java.sql.Connection)}. A transaction that sends a notification holds a
     * lock of the whole database server during its commit, so such transactions commit one after
     * the other. PostgreSQL refuses to prepare such a transaction ({@code PREPARE TRANSACTION}).
     */
    public Builder transactionalWakeUps(boolean transactionalWakeUps) {
      this.transactionalWakeUps = transactionalWakeUps;
      return this;
    }

    /**
     * What {@code pg_stat_activity} shows: 1 to 63 printable ASCII characters. {@code wfe-postgres}
     * by default. An external data source keeps its own. It is the only parameter with which
     * connections start, because pooling proxies refuse others.
     */
    public Builder applicationName(String applicationName) {
      this.applicationName = nonNull("applicationName", applicationName);
      return this;
    }

    /**
     * Whether a proxy before the database runs each transaction in another session, as PgBouncer
     * does in transaction mode. False by default; a proxy that is recognised when the provider
     * opens makes it true.
     *
     * <p>Behind a proxy, statements are not prepared on the server unless the URL has a {@code
     * prepareThreshold}, nothing is set on a session, and {@link
     * PostgresPersistenceProvider#ensureStoreExists} and {@link
     * PostgresPersistenceProvider#validateStore}, which need a session of their own, are refused
     * without a {@link #directUrl}. An external data source or factory whose connections prepare
     * statements is refused; set the driver's {@code prepareThreshold} to 0.
     */
    public Builder poolingProxy(boolean poolingProxy) {
      this.poolingProxy = poolingProxy;
      return this;
    }

    /**
     * The URL for {@link PostgresPersistenceProvider#ensureStoreExists}, {@link
     * PostgresPersistenceProvider#validateStore} and the connection that listens for {@link
     * #wakeUps}, past the proxy, in the form that {@link PostgresPersistenceProvider#connect}
     * takes. Null, the default, for the same database connection as everything else.
     */
    public Builder directUrl(@Nullable String directUrl) {
      this.directUrl = directUrl;
      return this;
    }

    /**
     * The options.
     *
     * @throws InvalidValueException naming the option and the limit; not retryable
     */
    public PostgresOptions build() {
      requireIdentifier("schema", schema, MAX_NAME_BYTES);
      if (!tablePrefix.isEmpty()) {
        requireIdentifier("tablePrefix", tablePrefix, MAX_PREFIX_BYTES);
      }
      if (poolSize < 1 || poolSize > MAX_POOL_SIZE) {
        throw refusal("poolSize", "is %s, not between 1 and 10000".formatted(poolSize));
      }
      requireWithin("connectTimeout", connectTimeout, MIN_CONNECT_TIMEOUT);
      requireWithin("statementTimeout", statementTimeout, Duration.ZERO);
      requireWithin(
          "retryTimeout", retryTimeout, retryTimeout.isZero() ? Duration.ZERO : MIN_RETRY_TIMEOUT);
      if (groupSize < 1 || groupSize > MAX_GROUP_SIZE) {
        throw refusal(
            "groupSize", "is %s, not between 1 and %s".formatted(groupSize, MAX_GROUP_SIZE));
      }
      if (applicationName.length() > MAX_NAME_BYTES || !applicationName.matches("[ -~]+")) {
        throw refusal("applicationName", "is not 1 to 63 printable ASCII characters");
      }
      return new PostgresOptions(
          new ProviderSettings(
              new StoreNames(schema, tablePrefix),
              poolSize,
              connectTimeout,
              statementTimeout,
              retryTimeout,
              groupSize,
              wakeUps,
              transactionalWakeUps,
              applicationName,
              poolingProxy,
              directUrl));
    }

    private static <T> T nonNull(String option, @Nullable T value) {
      if (value == null) {
        throw refusal(option, "is null");
      }
      return value;
    }

    private static void requireIdentifier(String option, String name, int maxBytes) {
      if (!IDENTIFIER.matcher(name).matches() || name.length() > maxBytes) {
        throw refusal(
            option,
            "must be letters, digits and underscores, not start with a digit, and be %s bytes at most"
                .formatted(maxBytes));
      }
      if (option.equals("schema") && name.startsWith("pg_")) {
        throw refusal(option, "must not start with pg_, which PostgreSQL reserves");
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
  }
}
