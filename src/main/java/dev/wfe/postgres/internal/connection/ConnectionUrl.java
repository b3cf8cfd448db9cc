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
 * Where a database is: {@code postgres://}, {@code postgresql://} or {@code jdbc:postgresql:}, as
 * the driver's data source.
 *
 * <p>The URL may hold a password, so no message shows it; and the driver, which logs URLs that it
 * does not understand, sees none whose shape was not looked at here.
 */
public final class ConnectionUrl {
  private static final String HOST = "(?:\\[[^\\]/?@,]*]|[^:/?@,\\[\\]]*)(?::\\d{1,5})?";
  private static final String HOSTS = HOST + "(?:," + HOST + ")*";

  private static final String QUERY = "[^%]*+(?:%\\p{XDigit}{2}[^%]*+)*+";

  /** The driver logs a URL with a malformed percent-encoding. */
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

  /** What stands where the URL says nothing, besides the application name. */
  private static final Map<PGProperty, String> DEFAULTS =
      Map.of(
          // Every statement is one that comes again.
          PGProperty.PREPARE_THRESHOLD,
          "1",
          // The name travels when a connection starts; else it would be set by a statement.
          PGProperty.ASSUME_MIN_SERVER_VERSION,
          Integer.toString(ServerRequirements.OLDEST_VERSION),
          // A dead peer is noticed by what has no timeout of its own: migrations.
          PGProperty.TCP_KEEP_ALIVE,
          "true",
          PGProperty.CANCEL_SIGNAL_TIMEOUT,
          "3");

  /** The next transaction may run in another session, which knows of no prepared statement. */
  private static final String NEVER_PREPARED = "0";

  private ConnectionUrl() {}

  /**
   * A data source for the URL, whose parameters go before what a pooling proxy needs, that before
   * the defaults.
   *
   * @throws InvalidValueException if the URL is none of the three kinds, or malformed
   */
  public static PGSimpleDataSource dataSource(String url, ProviderSettings settings) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    // A file or an environment adds the end of a line.
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
      throw refusal(
          "must be jdbc:postgresql://host:port/database?parameters;"
              + " user and password are parameters, percent-encoded");
    }
    setUrl(dataSource, url, settings);
  }

  private static void setUri(PGSimpleDataSource dataSource, String uri, ProviderSettings settings) {
    Matcher matcher = URI.matcher(uri);
    if (!matcher.matches()) {
      throw refusal(
          "must be postgres://user:password@host:port/database?parameters or jdbc:postgresql://…;"
              + " special characters in user, password and database are percent-encoded");
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
        throw notUnderstood();
      }
      Map<String, String> translated = UrlParameters.translated(url, properties);
      for (Map.Entry<String, String> parameter : translated.entrySet()) {
        dataSource.setProperty(parameter.getKey(), parameter.getValue());
      }
      properties.putAll(translated);
      // Details of errors show rows, and rows hold tokens: they are not for anybody's log.
      dataSource.setLogServerErrorDetail(false);
      setUnlessNamed(
          dataSource, properties, PGProperty.APPLICATION_NAME, settings.applicationName());
      setUnlessNamed(dataSource, properties, PGProperty.LOGIN_TIMEOUT, seconds(settings));
      for (Map.Entry<PGProperty, String> other : DEFAULTS.entrySet()) {
        setUnlessNamed(dataSource, properties, other.getKey(), other.getValue());
      }
      if (settings.poolingProxy()) {
        setUnlessNamed(dataSource, properties, PGProperty.PREPARE_THRESHOLD, NEVER_PREPARED);
      }
      dataSource.setUrl(url);
    } catch (IllegalArgumentException | SQLException malformed) {
      throw notUnderstood();
    }
  }

  /** Rounded up, because zero is no limit. */
  private static String seconds(ProviderSettings settings) {
    return Long.toString(settings.connectTimeout().plusMillis(999).toSeconds());
  }

  private static void setUnlessNamed(
      PGSimpleDataSource dataSource, Properties named, PGProperty property, String value)
      throws SQLException {
    if (!named.containsKey(property.getName())) {
      dataSource.setProperty(property, value);
    }
  }

  private static String decoded(String part, @Nullable String text) {
    try {
      return text == null
          ? ""
          : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw refusal("has a malformed percent-encoding in its " + part);
    }
  }

  private static InvalidValueException notUnderstood() {
    return refusal("is not a URL that the PostgreSQL driver understands");
  }

  private static InvalidValueException refusal(String problem) {
    return new InvalidValueException("connect", "", "url", problem);
  }
}
