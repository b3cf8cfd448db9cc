package dev.wfe.postgres;

import dev.wfe.persistence.InvalidValueException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is: {@code postgres://}, {@code postgresql://} or {@code jdbc:postgresql:}, as
 * the driver's data source. No message shows the URL, which may hold a password.
 */
final class ConnectionUrl {
  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<hosts>[^/?@]*)"
              + "(?:/(?<database>[^?]*))?(?:\\?(?<query>.*))?");

  private ConnectionUrl() {}

  /**
   * A data source for the URL; the application name stands unless the URL names one.
   *
   * @throws InvalidValueException if the URL is none of the three kinds, or malformed
   */
  static PGSimpleDataSource dataSource(String url, String applicationName) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setApplicationName(applicationName);
    if (url.startsWith("jdbc:postgresql:")) {
      setUrl(dataSource, url);
    } else {
      setUri(dataSource, url);
    }
    return dataSource;
  }

  private static void setUri(PGSimpleDataSource dataSource, String uri) {
    Matcher matcher = URI.matcher(uri);
    if (!matcher.matches()) {
      throw refusal(
          "must be postgres://user:password@host:port/database or jdbc:postgresql://…;"
              + " special characters in user and password are percent-encoded");
    }
    String hosts = matcher.group("hosts").isEmpty() ? "localhost" : matcher.group("hosts");
    String user = decoded("user", matcher.group("user"));
    String password = decoded("password", matcher.group("password"));
    String database = decoded("database", matcher.group("database"));
    String name = database == null || database.isEmpty() ? user : database;
    String query = matcher.group("query");
    setUrl(
        dataSource,
        "jdbc:postgresql://%s/%s%s"
            .formatted(
                hosts,
                name == null ? "" : URLEncoder.encode(name, StandardCharsets.UTF_8),
                query == null || query.isEmpty() ? "" : "?" + query));
    if (user != null && !user.isEmpty()) {
      dataSource.setUser(user);
    }
    if (password != null) {
      dataSource.setPassword(password);
    }
  }

  private static void setUrl(PGSimpleDataSource dataSource, String url) {
    Properties properties = Driver.parseURL(url, null);
    if (properties == null) {
      throw refusal("is not a URL that the PostgreSQL driver understands");
    }
    try {
      for (String name : properties.stringPropertyNames()) {
        if (PGProperty.forName(name) == null && !isAddress(name)) {
          throw refusal(
              "has the parameter " + name + ", which the PostgreSQL driver does not know");
        }
      }
      dataSource.setUrl(url);
    } catch (IllegalArgumentException | NullPointerException malformed) {
      throw refusal("is not a URL that the PostgreSQL driver understands");
    }
  }

  private static boolean isAddress(String property) {
    return property.equals("PGHOST") || property.equals("PGPORT") || property.equals("PGDBNAME");
  }

  private static @Nullable String decoded(String part, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw refusal("has a malformed percent-encoding in its " + part);
    }
  }

  private static InvalidValueException refusal(String problem) {
    return new InvalidValueException("connect", "", "url", problem);
  }
}
