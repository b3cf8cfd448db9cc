package dev.wfe.cli;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which store a command works on. */
final class StoreOptions {
  static final String DATABASE_URL = "WFE_DATABASE_URL";

  private static final String PRODUCTION = "WFE_PRODUCTION";

  /** A password before the host, or as a parameter. */
  private static final Pattern HAS_PASSWORD =
      Pattern.compile(
          "postgres(?:ql)?://[^/?]*:[^/?]*@.*|.*[?&]\\w*password=.*", Pattern.CASE_INSENSITIVE);

  /** A user before the host, or as a parameter. */
  private static final Pattern HAS_USER =
      Pattern.compile("postgres(?:ql)?://[^/?]*@.*|.*[?&]user=.*");

  @Option(
      names = "--url",
      paramLabel = "URL",
      order = 100,
      description =
          "a postgres:// or jdbc:postgresql: URL without a password; by default the value of"
              + " WFE_DATABASE_URL. User and password, unless the URL has them: PGUSER and"
              + " PGPASSWORD, or the password of ~/.pgpass")
  private @Nullable String url;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      order = 101,
      description = "the schema of the tables; wfc by default")
  private @Nullable String schema;

  @Option(
      names = "--table-prefix",
      paramLabel = "PREFIX",
      order = 102,
      description = "prefix of the names of the tables; empty by default")
  private @Nullable String tablePrefix;

  @Option(
      names = "--production",
      paramLabel = "NAME",
      order = 103,
      description =
          "marks the store as production: what changes data asks for this name, even with"
              + " --yes. By default the value of WFE_PRODUCTION")
  private @Nullable String production;

  /**
   * Opens the store.
   *
   * @throws CliException if no database is given, or the URL of the command line has a password
   * @throws InvalidValueException if an option is invalid
   */
  PostgresPersistenceProvider open(Map<String, String> environment) {
    return PostgresPersistenceProvider.connect(place(environment), options());
  }

  /** The name that has to be typed before data is changed, or null. */
  @Nullable String production(Map<String, String> environment) {
    String name = production == null ? environment.get(PRODUCTION) : production;
    return name == null || name.isBlank() ? null : name.strip();
  }

  private String place(Map<String, String> environment) {
    if (url != null && HAS_PASSWORD.matcher(url).matches()) {
      throw new CliException(
          CliException.USAGE,
          "--url has a password, which other users of this machine can see: put it into PGPASSWORD,"
              + " ~/.pgpass, or the URL in WFE_DATABASE_URL");
    }
    String place = url == null ? environment.get(DATABASE_URL) : url;
    if (place == null || place.isBlank()) {
      throw new CliException(
          CliException.USAGE, "No database is given: set --url or WFE_DATABASE_URL");
    }
    return withCredentials(place.strip(), environment);
  }

  private static String withCredentials(String place, Map<String, String> environment) {
    StringBuilder whole = new StringBuilder(place);
    if (!HAS_USER.matcher(place).matches()) {
      append(whole, "user", environment.get("PGUSER"));
    }
    if (!HAS_PASSWORD.matcher(place).matches()) {
      append(whole, "password", environment.get("PGPASSWORD"));
    }
    return whole.toString();
  }

  private static void append(StringBuilder url, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      url.append(url.indexOf("?") < 0 ? '?' : '&').append(name).append('=');
      url.append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
    }
  }

  private PostgresOptions options() {
    PostgresOptions.Builder options =
        PostgresOptions.builder().applicationName("wfe").poolSize(2).wakeUps(true);
    if (schema != null) {
      options.schema(schema);
    }
    if (tablePrefix != null) {
      options.tablePrefix(tablePrefix);
    }
    return options.build();
  }
}
