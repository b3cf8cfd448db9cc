package dev.wfe.postgres.internal.connection;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgDatabaseMetaData;

final class ServerRequirementsTest {
  @Test
  void anotherProductIsRefused() {
    assertThatThrownBy(() -> ServerRequirements.requireProduct("H2"))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("The database is H2, not PostgreSQL");
    assertThatCode(() -> ServerRequirements.requireProduct("PostgreSQL"))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherCopyOfTheDriverIsRefused() throws Exception {
    URL jar = PgDatabaseMetaData.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader copy =
        new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader())) {
      Class<?> other = copy.loadClass(PgDatabaseMetaData.class.getName());
      PgDatabaseMetaData metaData = new PgDatabaseMetaData(null);

      assertThatThrownBy(() -> ServerRequirements.requireDriver(metaData, other))
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("remove org.postgresql:postgresql from the deployment");
      assertThatCode(() -> ServerRequirements.requireDriver(metaData, PgDatabaseMetaData.class))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void anOlderVersionIsRefused() {
    assertThatThrownBy(() -> ServerRequirements.requireVersion(13))
        .isInstanceOf(StoreSetupException.class)
        .hasMessage("PostgreSQL 13 is too old; the oldest supported is 14");
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 17, 18})
  void everyLaterVersionWillDo(int versionNumber) {
    assertThatCode(() -> ServerRequirements.requireVersion(versionNumber))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable", "read uncommitted"})
  void anotherIsolationIsRefused(String isolation) {
    assertThatThrownBy(() -> ServerRequirements.requireIsolation(isolation))
        .isInstanceOf(StoreSetupException.class)
        .hasMessageContaining("the store needs READ COMMITTED");
  }
}
