package dev.wfe.postgres.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

final class ConnectionUrlTest {
  private static PGSimpleDataSource parsed(String url) {
    return ConnectionUrl.dataSource(url, TestSettings.of(10, Duration.ofSeconds(10), false));
  }

  @ParameterizedTest
  @CsvSource({
    "postgres://u:p@h:1/d, h, 1, d, u, p",
    "postgresql://u:p@h:1/d, h, 1, d, u, p",
    "postgres://h/d, h, 5432, d, ,",
    "postgres://u@h/d, h, 5432, d, u,",
    "postgres://u:p@h/, h, 5432, u, u, p",
    "postgres://u:p@h, h, 5432, u, u, p",
    "postgres://u:p@/d, localhost, 5432, d, u, p",
    "postgres:///d, localhost, 5432, d, ,",
    "postgres://a%40b:%3A%2F%3F%23%5B%5D%40%25+%20@h/%C3%A4%20%2F%3F+b, h, 5432, 'ä /?+b', a@b,"
        + " ':/?#[]@%+ '",
    "postgres://u:p@[::1]:1/d, [::1], 1, d, u, p",
    "postgres://u:p@[fe80::1%25eth0]/d, [fe80::1%25eth0], 5432, d, u, p",
    "jdbc:postgresql://h:1/d?user=u&password=p, h, 1, d, u, p",
    "jdbc:postgresql://h/d?user=u&password=%3A%40, h, 5432, d, u, :@",
    "jdbc:postgresql:d, localhost, 5432, d, ,",
    "jdbc:postgresql://h/%C3%A4%20%2F%3F%25?user=u, h, 5432, 'ä /?%', u,",
    "jdbc:postgresql:a%20b, localhost, 5432, a b, ,",
    "postgres:///d?host=h&port=1&user=u&password=p, h, 1, d, u, p",
    "'  postgres://u:p@h:1/d\n', h, 1, d, u, p",
    "'\tjdbc:postgresql://h:1/d?user=u&password=p\r\n', h, 1, d, u, p",
    "jdbc:postgresql:///d, localhost, 5432, d, ,"
  })
  void aUrlNamesHostPortDatabaseAndCredentials(
      String url,
      String host,
      int port,
      String database,
      @Nullable String user,
      @Nullable String password) {
    PGSimpleDataSource dataSource = parsed(url);

    assertThat(dataSource.getServerNames()).containsExactly(host);
    assertThat(dataSource.getPortNumbers()).containsExactly(port);
    assertThat(dataSource.getDatabaseName()).isEqualTo(database);
    assertThat(dataSource.getUser()).isEqualTo(user);
    assertThat(dataSource.getPassword()).isEqualTo(password);
    assertThat(dataSource.getApplicationName()).isEqualTo("app");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgres://u:p@h1:1,h2,[::1]:3/d?targetServerType=primary&connectTimeout=3",
        "jdbc:postgresql://h1:1,h2,[::1]:3/d?targetServerType=primary&connectTimeout=3"
      })
  void severalHostsAndTheDriversParametersAreUnderstood(String url) {
    PGSimpleDataSource dataSource = parsed(url);

    assertThat(dataSource.getServerNames()).containsExactly("h1", "h2", "[::1]");
    assertThat(dataSource.getPortNumbers()).containsExactly(1, 5432, 3);
    assertThat(dataSource.getTargetServerType()).isEqualTo("primary");
    assertThat(dataSource.getConnectTimeout()).isEqualTo(3);
  }

  @Test
  void theUrlMayNameTheApplication() {
    assertThat(parsed("postgres://h/d?ApplicationName=other").getApplicationName())
        .isEqualTo("other");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres://h/d, false, 1",
    "postgres://h/d, true, 0",
    "postgres://h/d?prepareThreshold=3, false, 3",
    "postgres://h/d?prepareThreshold=3, true, 3"
  })
  void behindAPoolingProxyNothingIsPreparedUnlessTheUrlSaysSo(
      String url, boolean proxy, int threshold) {
    ProviderSettings settings = TestSettings.of(10, Duration.ofSeconds(10), proxy);

    assertThat(ConnectionUrl.dataSource(url, settings).getPrepareThreshold()).isEqualTo(threshold);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "postgres",
        "mysql://u:secret@h/d",
        "http://u:secret@h/d",
        "jdbc:mysql://h/d?password=secret",
        "postgres:/u:secret@h/d",
        "postgres://u:secret@h:port/d",
        "postgres://u:secret@h:123456/d",
        "postgres://u:secret@h:99999/d",
        "postgres://u:sec@ret@h/d",
        "postgres://u:sec/secret@h/d",
        "postgres://u:%zzsecret@h/d",
        "postgres://u:secret@h/d/e",
        "postgres://u:secret@::1/d",
        "postgres://u:secret@h/d?nonsense=3",
        "jdbc:postgresql://h/d?user=u&password=s&secret=t",
        "jdbc:postgresql://h/d?user=u&password=s&t&secret=t",
        "jdbc:postgresql://h/d?user=u&password=s&secret",
        "jdbc:postgresql://h/d?user=u&sslpassword=s&secret=t",
        "postgres://u:5?secret=t@h/d",
        "postgres://u:5?secret&more@h/d",
        "jdbc:postgresql://h/%zzsecret",
        "postgres://u:secret@h/d?sslmode=bogus",
        "jdbc:postgresql://h/d?password=secret&sslmode=bogus",
        "postgres:///d?host=/var/run/postgresql&password=secret",
        "postgres://%2Fvar%2Frun%2Fpostgresql/d?password=secret",
        "postgres://h/d?password=secret%zz",
        "jdbc:postgresql://u:secret@h/d",
        "jdbc:postgresql://h?password=secret",
        "jdbc:postgresql://h:port/d?password=secret",
        "jdbc:postgresql:secret/d",
        "jdbc:postgresql://h/d?password=secret&nonsense=secret"
      })
  void aMalformedUrlIsRefusedAndNeverShown(String url) {
    try (LogCapture log = new LogCapture()) {
      assertThatThrownBy(() -> PostgresPersistenceProvider.connect(url))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageStartingWith("connect: url ")
          .satisfies(
              failure -> assertThat(LogCapture.stackTrace(failure)).doesNotContain("secret"));
      assertThat(log.text()).doesNotContain("secret");
    }
  }

  @Test
  void aMalformedDirectUrlIsRefusedBeforeAnythingIsOpened() {
    PostgresOptions options =
        PostgresOptions.builder().directUrl("postgres://u:secret@h:port/d").build();

    assertThatThrownBy(() -> PostgresPersistenceProvider.connect("postgres://h/d", options))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("PostgresOptions: directUrl must be postgres://")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense=3, nonsense",
    "keepalives_idle=3, keepalives_idle of libpq",
    "sslmode=bogus, 'sslmode with an invalid value: use one of disable, allow, prefer'",
    "targetServerType=bogus, 'targetServerType with an invalid value: use one of any, primary'",
    "target_session_attrs=bogus, 'target_session_attrs with an invalid value: use one of any,"
        + " prefer-standby'",
    "channel_binding=bogus, 'channelBinding with an invalid value: use one of disable, prefer,"
        + " require'"
  })
  void aParameterThatCannotBeFollowedIsNamed(String parameter, String named) {
    assertThatThrownBy(() -> parsed("postgres://u:p@h/d?password=secret&" + "user=u&" + parameter))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("connect: url has the parameter " + named);
  }

  @ParameterizedTest
  @CsvSource({
    "connect_timeout=3, connectTimeout, 3",
    "connect_timeout=-1, connectTimeout, 0",
    "application_name=other, ApplicationName, other",
    "fallback_application_name=other, ApplicationName, other",
    "application_name=other&fallback_application_name=third, ApplicationName, other",
    "application_name=other&ApplicationName=own, ApplicationName, own",
    "channel_binding=require, channelBinding, require",
    "gssencmode=disable, gssEncMode, disable",
    "keepalives=0, tcpKeepAlive, false",
    "target_session_attrs=read-write, targetServerType, primary",
    "target_session_attrs=prefer-standby, targetServerType, preferSecondary",
    "load_balance_hosts=random, loadBalanceHosts, true",
    "sslrootcert=system, sslfactory, org.postgresql.ssl.DefaultJavaSSLFactory",
    "sslrootcert=system, sslmode, verify-full",
    "sslrootcert=/etc/ca.crt, sslrootcert, /etc/ca.crt",
    "sslmode=require&channel_binding=require, sslmode, require",
    "options=endpoint%3Done, options, endpoint=one",
    "client_encoding=utf8, connectTimeout, 10"
  })
  void libpqsParametersAreTranslated(String parameters, String property, String value)
      throws SQLException {
    for (String url : List.of("postgres://u:p@h/d?", "jdbc:postgresql://h/d?user=u&password=p&")) {
      assertThat(parsed(url + parameters).getProperty(property)).isEqualTo(value);
    }
  }

  /** As libpq does, and found for the user and the database that the URL names. */
  @ParameterizedTest
  @CsvSource({
    "postgres://alice@h/d, of alice",
    "jdbc:postgresql://h/d?user=alice, of alice",
    "postgres://alice:own@h/d, own",
    "jdbc:postgresql://h/d?user=alice&password=own, own",
    "postgres://bob@h/d,"
  })
  void aPasswordThatTheUrlLacksIsLookedUpInThePasswordFile(
      String url, @Nullable String password, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("passwords");
    Files.writeString(
        file,
        "h:5432:d:%s:of the account\nh:5432:d:alice:of alice\n"
            .formatted(System.getProperty("user.name")));
    with("org.postgresql.pgpassfile", file, () -> assertThat(sent(url)).isEqualTo(password));
  }

  /** The password with which the driver connects. */
  private static @Nullable String sent(String url) {
    PGSimpleDataSource dataSource = parsed(url);
    Properties credentials = new Properties();
    credentials.setProperty("user", String.valueOf(dataSource.getUser()));
    if (dataSource.getPassword() != null) {
      credentials.setProperty("password", dataSource.getPassword());
    }
    return Objects.requireNonNull(Driver.parseURL(dataSource.getURL(), credentials))
        .getProperty("password");
  }

  /** The file gives what the URL leaves out, and only if the URL asks for it. */
  @ParameterizedTest
  @CsvSource({
    "postgres://u:p@h:1/d, h, 1, d, u, p",
    "jdbc:postgresql://h:1/d, h, 1, d, ,",
    "postgres://u:p@h:1/d?service=other, h, 1, d, u, p",
    "postgres://h/d?service=other, h, 5432, d, bob, of bob",
    "jdbc:postgresql:?service=other, elsewhere, 7, , bob, of bob"
  })
  void aServiceDoesNotLeadElsewhere(
      String url,
      String host,
      int port,
      @Nullable String database,
      @Nullable String user,
      @Nullable String password,
      @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("services");
    Files.writeString(
        file, "[other]\nhost=elsewhere\nport=7\ndbname=foreign\nuser=bob\npassword=of bob\n");
    with(
        "org.postgresql.pgservicefile",
        file,
        () -> {
          PGSimpleDataSource dataSource = parsed(url);
          assertThat(dataSource.getServerNames()).containsExactly(host);
          assertThat(dataSource.getPortNumbers()).containsExactly(port);
          assertThat(dataSource.getDatabaseName()).isEqualTo(database == null ? "" : database);
          assertThat(dataSource.getUser()).isEqualTo(user);
          assertThat(dataSource.getPassword()).isEqualTo(password);
        });
  }

  private static void with(String property, Path value, Runnable test) {
    String before = System.setProperty(property, value.toString());
    try {
      test.run();
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without null checks may do
  void nullIsRefused() {
    assertThatThrownBy(() -> PostgresPersistenceProvider.connect(null))
        .isInstanceOf(InvalidValueException.class);
  }
}
