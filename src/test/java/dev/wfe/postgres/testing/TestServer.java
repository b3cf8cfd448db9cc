package dev.wfe.postgres.testing;

import dev.wfe.postgres.internal.schema.SchemaManager;
import dev.wfe.postgres.internal.sql.StoreNames;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The one server of this process: started when first asked for, stopped with the process. Databases
 * made on it carry a random name, so that several builds can share a given server.
 */
final class TestServer {
  /** What the names of all databases of this process begin with. */
  private static final String RUN = "wfe_" + UUID.randomUUID().toString().substring(0, 8) + "_";

  private static final String TEMPLATE = RUN + "template";

  /** What an application's database may be set to. The time zone comes from this process. */
  private static final List<String> HOSTILE_SETTINGS =
      List.of(
          "datestyle to 'SQL, DMY'",
          "intervalstyle to 'sql_standard'",
          "bytea_output to 'escape'",
          "extra_float_digits to 0");

  private final String adminUrl;
  private final SharedSession admin;
  private int databases;
  private boolean hasTemplate;

  private TestServer(String adminUrl) {
    this.adminUrl = adminUrl;
    this.admin = new SharedSession(new UrlDataSource(adminUrl));
  }

  /** Starts the server in whichever thread comes first; the others wait. */
  private static final class Holder {
    static final TestServer INSTANCE = new TestServer(start());
  }

  static TestServer get() {
    return Holder.INSTANCE;
  }

  private static String start() {
    String given = System.getenv(ServerChoice.VARIABLE);
    return switch (ServerChoice.of(given, DockerClientFactory.instance()::isDockerAvailable)) {
      case GIVEN -> jdbcUrl(given);
      case CONTAINER -> startContainer();
      case EMBEDDED -> startEmbedded();
    };
  }

  /** The driver takes user and password as parameters only. */
  static String jdbcUrl(String given) {
    if (given.startsWith("jdbc:")) {
      return given;
    }
    URI uri = URI.create(given);
    String user = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
    String query =
        Stream.of(
                uri.getRawQuery() == null ? "" : uri.getRawQuery(),
                user.isEmpty() ? "" : "user=" + user.replaceFirst(":", "&password="))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("&"));
    String host = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    return "jdbc:postgresql://%s%s?%s".formatted(host, uri.getRawPath(), query);
  }

  /**
   * Of the same major version as the embedded one. Testcontainers removes it after this process.
   */
  @SuppressWarnings("resource")
  private static String startContainer() {
    String major = System.getProperty("server.version", "17").replaceFirst("\\..*", "");
    PostgreSQLContainer container = new PostgreSQLContainer("postgres:" + major);
    container.withCommand(
        "postgres",
        "-c",
        "fsync=off",
        "-c",
        "max_connections=300",
        "-c",
        "max_prepared_transactions=10");
    container.start();
    return withCredentials(
        container.getJdbcUrl(), container.getUsername(), container.getPassword());
  }

  /** It brings a shutdown hook; nothing that tests write has to outlive a crash. */
  @SuppressWarnings("resource")
  private static String startEmbedded() {
    try {
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setServerConfig("max_connections", "300")
              .setServerConfig("max_prepared_transactions", "10")
              .start();
      return server.getJdbcUrl("postgres", "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withCredentials(String url, String user, String password) {
    return url + (url.contains("?") ? "&" : "?") + "user=" + user + "&password=" + password;
  }

  /** Makes a database: with a store in it, or with nothing. */
  synchronized TestDatabase create(boolean empty) {
    if (!empty && !hasTemplate) {
      createEmpty(TEMPLATE);
      SchemaManager.migrate(new UrlDataSource(url(TEMPLATE)), new StoreNames("wfc", ""));
      hasTemplate = true;
      if (ServerChoice.isGiven()) {
        // The other servers end with this process, and everything on them.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drop(TEMPLATE)));
      }
    }
    if (!empty) {
      return copy(TEMPLATE);
    }
    String name = RUN + ++databases;
    createEmpty(name);
    return withHostileSettings(name);
  }

  /** Makes a database with the content of another one, which nothing is connected to. */
  synchronized TestDatabase copy(String template) {
    String name = RUN + ++databases;
    admin.execute("create database %s template %s".formatted(name, template));
    return withHostileSettings(name);
  }

  private TestDatabase withHostileSettings(String name) {
    admin.execute(
        HOSTILE_SETTINGS.stream()
            .map(setting -> "alter database %s set %s".formatted(name, setting))
            .collect(Collectors.joining(";")));
    return new TestDatabase(this, name, url(name));
  }

  private void createEmpty(String name) {
    admin.execute("create database %s template template0 encoding 'UTF8'".formatted(name));
  }

  void drop(String name) {
    admin.execute("drop database if exists %s with (force)".formatted(name));
  }

  /** A session in the database that is not any test's. */
  SharedSession admin() {
    return admin;
  }

  /** The server's URL with another database. */
  private String url(String database) {
    Properties parts = Driver.parseURL(adminUrl, null);
    if (parts == null) {
      throw new IllegalStateException(ServerChoice.VARIABLE + " is no URL of PostgreSQL");
    }
    String hosts = PGProperty.PG_HOST.getOrDefault(parts);
    String ports = PGProperty.PG_PORT.getOrDefault(parts);
    int query = adminUrl.indexOf('?');
    return "jdbc:postgresql://%s:%s/%s%s"
        .formatted(hosts, ports, database, query < 0 ? "" : adminUrl.substring(query));
  }
}
