package dev.wfe.postgres.internal.connection;

import dev.wfe.persistence.InvalidValueException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Converts a connection URL ({@code postgres://}, {@code postgresql://} or {@code
 * jdbc:postgresql:}) to a data source of the PostgreSQL driver. Thread-safe.
 *
 * <p>A URL may contain a password, so no message shows it. The driver logs URLs that it cannot
 * parse, so each URL is checked against a pattern here before the driver sees it.
 */
public final class ConnectionUrl {
  private static final String HOST = "(?:\\[[^\\]/?@,]*]|[^:/?@,\\[\\]]*)(?::\\d{1,5})?";
  private static final String HOSTS = HOST + "(?:," + HOST + ")*";

  private static final String QUERY = "[^%]*+(?:%\\p{XDigit}{2}[^%]*+)*+";

  /**
   * Percent-encoding is checked here, because the driver logs a URL whose encoding is malformed.
   */
  private static final String DATABASE = "[^/?%]*+(?:%\\p{XDigit}{2}[^/?%]*+)*+";

  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>"
              + HOSTS
              + ")(?:/(?<database>[^/?]*))?(?:\\?(?<query>"
              + QUERY
              + "))?");

  private static final Pattern JDBC =
      Pattern.compile("jdbc:postgresql:(?://" + HOSTS + "/)?" + DATABASE + "(?:\\?" + QUERY + ")?");

  /**
   * Driver properties that apply unless the URL sets them. The application name and the login
   * timeout are set separately.
   */
  private static final Map<PGProperty, String> DEFAULTS =
      Map.of(
          // Prepare on first use, because the library repeats a small set of statements.
          PGProperty.PREPARE_THRESHOLD,
          "1",
          // Sends the application name in the startup packet; otherwise it takes a statement.
          PGProperty.ASSUME_MIN_SERVER_VERSION,
          Integer.toString(ServerRequirements.OLDEST_VERSION),
          // Lets migrations, which have no statement timeout, detect a dead server.
          PGProperty.TCP_KEEP_ALIVE,
          "true",
          PGProperty.CANCEL_SIGNAL_TIMEOUT,
          "3");

  /**
   * For pooling proxies: the next transaction may run in another session, which does not know the
   * prepared statements of this one.
   */
  private static final String NEVER_PREPARED = "0";

  private ConnectionUrl() {}

  /**
   * Creates a data source for the URL. Parameters of the URL take precedence over the settings for
   * a pooling proxy, and these over the defaults.
   *
   * @throws InvalidValueException if the URL has none of the three schemes or is malformed
   */
  public static PGSimpleDataSource dataSource(String url, ProviderSettings settings) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    // Values read from files or environment variables may end with a line break.
    String stripped = url.strip();
    if (stripped.startsWith("jdbc:")) {
      setJdbcUrl(dataSource, stripped, settings);
    } else {
      setUri(dataSource, stripped, settings);
    }
    return dataSource;
  }

  private static void setJdbcUrl(
      PGSimpleDataSource dataSource, String url, ProviderSettings settings) {
    if (!JDBC.matcher(url).matches()) {
      throw invalidUrl(
          "must be jdbc:postgresql://host:port/database?parameters;"
              + " write user and password as percent-encoded parameters");
    }
    setUrl(dataSource, url, settings);
  }

  private static void setUri(PGSimpleDataSource dataSource, String uri, ProviderSettings settings) {
    Matcher matcher = URI.matcher(uri);
    if (!matcher.matches()) {
      throw invalidUrl(
          "must be postgres://user:password@host:port/database?parameters or jdbc:postgresql://…;"
              + " percent-encode special characters in user, password and database");
    }
    String hosts = matcher.group("hosts");
    String user = decoded("user", matcher.group("user"));
    String password = decoded("password", matcher.group("password"));
    String database = decoded("database", matcher.group("database"));
    String query = matcher.group("query");
    setUrl(
        dataSource,
        "jdbc:postgresql://%s/%s?%s"
            .formatted(
                hosts.isEmpty() ? "localhost" : hosts,
                URLEncoder.encode(database.isEmpty() ? user : database, StandardCharsets.UTF_8),
                query == null ? "" : query),
        settings);
    if (!user.isEmpty()) {
      dataSource.setUser(user);
    }
    if (!password.isEmpty()) {
      dataSource.setPassword(password);
    }
  }

  private static void setUrl(PGSimpleDataSource dataSource, String url, ProviderSettings settings) {
    try {
      Properties properties = Driver.parseURL(url, null);
      if (properties == null) {
        throw rejectedByDriver();
      }
      Map<String, String> translated = UrlParameters.translated(url, properties);
      for (Map.Entry<String, String> parameter : translated.entrySet()) {
        dataSource.setProperty(parameter.getKey(), parameter.getValue());
      }
      properties.putAll(translated);
      // Keeps row values, which include tokens, out of logs: error details quote them.
      dataSource.setLogServerErrorDetail(false);
      setUnlessInUrl(
          dataSource, properties, PGProperty.APPLICATION_NAME, settings.applicationName());
      setUnlessInUrl(dataSource, properties, PGProperty.LOGIN_TIMEOUT, seconds(settings));
      for (Map.Entry<PGProperty, String> other : DEFAULTS.entrySet()) {
        setUnlessInUrl(dataSource, properties, other.getKey(), other.getValue());
      }
      if (settings.poolingProxy()) {
        setUnlessInUrl(dataSource, properties, PGProperty.PREPARE_THRESHOLD, NEVER_PREPARED);
      }
      dataSource.setUrl(url);
    } catch (IllegalArgumentException | SQLException malformed) {
      throw rejectedByDriver();
    }
  }

  /** Rounds up, because the driver takes zero as no limit. */
  private static String seconds(ProviderSettings settings) {
    return Long.toString(settings.connectTimeout().plusMillis(999).toSeconds());
  }

  private static void setUnlessInUrl(
      PGSimpleDataSource dataSource, Properties urlProperties, PGProperty property, String value)
      throws SQLException {
    if (!urlProperties.containsKey(property.getName())) {
      dataSource.setProperty(property, value);
    }
  }

  private static String decoded(String part, @Nullable String text) {
    try {
      return text == null
          ? ""
          : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw invalidUrl("has a malformed percent-encoding in its " + part);
    }
  }

  private static InvalidValueException rejectedByDriver() {
    return invalidUrl("is not a URL that the PostgreSQL driver understands");
  }

  private static InvalidValueException invalidUrl(String problem) {
    return new InvalidValueException("connect", "", "url", problem);
  }
}
