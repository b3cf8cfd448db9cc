package dev.wfe.postgres.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.Operations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.EntityManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that accepts only encrypted connections and has a certificate. */
final class TlsTest {
  private static final String HOST = "localhost";

  /** The same server, by a name that its certificate does not hold. */
  private static final String OTHER_HOST = "127.0.0.1";

  @TempDir static Path folder;

  private static TestCertificates certificates;
  private static EmbeddedPostgres server;

  @BeforeAll
  static void startServer() throws Exception {
    certificates = TestCertificates.vouchingFor(HOST, folder.resolve("known"));
    Path rules =
        Files.writeString(
            folder.resolve("pg_hba.conf"),
            """
            hostssl all guest all scram-sha-256
            hostssl all all all trust
            """);
    server =
        EmbeddedPostgres.builder()
            .setServerConfig("ssl", "on")
            .setServerConfig("ssl_cert_file", certificates.server().toString())
            .setServerConfig("ssl_key_file", certificates.serverKey().toString())
            .setServerConfig("hba_file", rules.toString())
            .start();
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create role guest login password 'secret' superuser");
    }
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  private static String url(String host, String parameters) {
    return "postgres://guest:secret@%s:%s/postgres?%s"
        .formatted(host, server.getPort(), parameters);
  }

  private static String verifying(Path authority) {
    return "sslmode=verify-full&sslrootcert=" + authority;
  }

  @Test
  void aServerThatProvesItsNameIsTrustedWithEverything() throws Exception {
    String url = url(HOST, verifying(certificates.authority()));
    try (PostgresPersistenceProvider provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
      provider.validateStore();
      Operations.fill(provider);
      Operations.all().values().forEach(call -> call.accept(provider));
      try (EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
        assertThat(
                entities
                    .createNativeQuery(
                        "select ssl from pg_stat_ssl where pid = pg_backend_pid()", Boolean.class)
                    .getSingleResult())
            .isEqualTo(true);
      }
    }
  }

  @Test
  void aServerOfAnotherNameIsRefused() throws Exception {
    assertThat(refusal(url(OTHER_HOST, verifying(certificates.authority()))))
        .hasMessageContaining(OTHER_HOST);
  }

  @Test
  void aServerThatAnUnknownAuthorityVouchesForIsRefused() throws Exception {
    Path unknown = TestCertificates.vouchingFor(HOST, folder.resolve("unknown")).authority();

    assertThat(refusal(url(HOST, verifying(unknown)))).hasMessageContaining("SSL");
  }

  @Test
  void anAuthorityThatIsNotThereIsNamed() {
    Path nowhere = folder.resolve("nowhere.crt");

    assertThat(refusal(url(HOST, verifying(nowhere)))).hasMessageContaining(nowhere.toString());
  }

  @Test
  void aConnectionThatIsNotEncryptedIsRefusedByTheServer() {
    assertThat(refusal(url(HOST, "sslmode=disable"))).hasMessageContaining("pg_hba.conf");
  }

  /** As a matter of setup, whichever way is taken, and without the password. */
  private static StoreException refusal(String url) {
    StoreException connecting = silent(url, () -> PostgresPersistenceProvider.connect(url));
    PostgresOptions direct = PostgresOptions.builder().directUrl(url).build();
    StoreException migrating =
        silent(
            url,
            () -> {
              try (PostgresPersistenceProvider provider =
                  PostgresPersistenceProvider.over(server.getPostgresDatabase(), direct)) {
                provider.ensureStoreExists();
              }
            });
    assertThat(migrating).hasMessage(connecting.getMessage());
    return connecting;
  }

  private static StoreException silent(String url, Runnable call) {
    try (LogCapture log = new LogCapture()) {
      StoreException failure = catchThrowableOfType(StoreException.class, call::run);
      assertThat(failure).as(url).isInstanceOf(StoreSetupException.class);
      assertThat(failure.retryable()).isFalse();
      assertThat(LogCapture.stackTrace(failure)).doesNotContain("secret");
      assertThat(log.text()).doesNotContain("secret");
      return failure;
    }
  }
}
