package dev.wfe.postgres.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Drift;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import jakarta.persistence.Persistence;
import jakarta.persistence.PersistenceException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Hibernate's own validation finds in a unit with our entities, and what it does not. */
@ExtendWith(TestDatabaseExtension.class)
final class HibernateValidationTest {
  private static final List<Drift> SEEN = List.of(Drift.A_MISSING_COLUMN, Drift.A_MISSING_TABLE);

  private final TestDatabase database;

  HibernateValidationTest(@EmptyDatabase TestDatabase database) {
    this.database = database;
    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
    }
  }

  private boolean isAccepted(String setting) {
    try {
      Persistence.createEntityManagerFactory(
              "wfe", Map.of("jakarta.persistence.jdbc.url", database.url(), setting, "validate"))
          .close();
      return true;
    } catch (PersistenceException refused) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void itSeesWhatIsMissingAndNoMore(Drift drift) {
    drift.happenTo(database);

    assertThat(isAccepted("hibernate.hbm2ddl.auto")).isEqualTo(!SEEN.contains(drift));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hibernate.hbm2ddl.auto", "jakarta.persistence.schema-generation.database.action"})
  void eachOfTheSettingsHasItLook(String setting) {
    assertThat(isAccepted(setting)).isTrue();
    Drift.A_MISSING_COLUMN.happenTo(database);
    assertThat(isAccepted(setting)).isFalse();
  }
}
