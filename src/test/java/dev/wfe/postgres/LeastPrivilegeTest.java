package dev.wfe.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

@ExtendWith(TestDatabaseExtension.class)
final class LeastPrivilegeTest {
  private final String role = "host_" + UUID.randomUUID().toString().substring(0, 8);
  private final TestDatabase database;

  LeastPrivilegeTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void createRole() {
    database.execute(
        """
        create role %1$s login password 'secret';
        grant usage on schema wfc to %1$s;
        grant select, insert, update, delete on all tables in schema wfc to %1$s;
        grant usage on all sequences in schema wfc to %1$s;
        """
            .formatted(role));
  }

  @AfterEach
  void dropRole() {
    database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
  }

  private PostgresPersistenceProvider asRole() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url());
    source.setUser(role);
    source.setPassword("secret");
    return PostgresPersistenceProvider.over(source);
  }

  @Test
  void aRoleThatMayOnlyUseTheTablesRunsEveryVerbOfAHost() {
    try (PostgresPersistenceProvider provider = asRole()) {
      Map<String, Consumer<PostgresPersistenceProvider>> verbs = Verbs.all();
      assertThat(verbs.remove("truncateAll")).isNotNull();

      Verbs.fill(provider);
      verbs.values().forEach(verb -> verb.accept(provider));
      provider.validateStore();

      assertThatThrownBy(provider::truncateAll)
          .isInstanceOf(StoreSetupException.class)
          .hasMessageContaining("permission denied");
    }
  }
}
