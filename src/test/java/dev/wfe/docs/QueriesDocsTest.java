package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The queries of {@code docs/queries.md} do what the page says. */
@ExtendWith(TestDatabaseExtension.class)
final class QueriesDocsTest {
  private static final Pattern QUERY =
      Pattern.compile("createQuery\\(\"([^\"]*)\", WorkflowEntity");

  private static String page() throws IOException {
    return Files.readString(Path.of("docs/queries.md"));
  }

  @Test
  void theQueryIsValid(TestDatabase database) throws IOException {
    Matcher query = QUERY.matcher(page());
    assertThat(query.find()).isTrue();
    try (var provider = PostgresPersistenceProvider.over(database.dataSource());
        var entityManager = provider.entityManagerFactory().createEntityManager()) {
      assertThat(
              entityManager
                  .createQuery(query.group(1), WorkflowEntity.class)
                  .setParameter("reference", "none")
                  .getResultList())
          .isEmpty();
    }
  }
}
