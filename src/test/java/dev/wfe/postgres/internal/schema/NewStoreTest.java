package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(TestDatabaseExtension.class)
final class NewStoreTest {
  @ParameterizedTest
  @CsvSource({"wfc,''", "Wfe_Test,''", "wfc,px_", "Wfe_Test,Px_"})
  void aNewStoreIsAsTheEntitiesSay(
      String schema, String prefix, @EmptyDatabase TestDatabase database) {
    StoreNames names = new StoreNames(schema, prefix);

    SchemaManager.migrate(database.dataSource(), names);

    assertThatNoException().isThrownBy(() -> SchemaManager.validate(database.dataSource(), names));
  }

  @Test
  void theTemplateOfTheTestsIsAStore(TestDatabase database) {
    assertThatNoException()
        .isThrownBy(() -> SchemaManager.validate(database.dataSource(), new StoreNames("wfc", "")));
  }
}
