package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.transactions.JtaServer;
import jakarta.persistence.Persistence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code docs/opening.md} shows tested code. */
final class OpeningDocsTest {
  private static final Path PAGE = Path.of("docs/opening.md");
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/OpeningDocsTest.java");
  private static final int LINES = 100;
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final TestDatabase database = TestDatabase.migrated();

  @AfterEach
  void close() {
    database.close();
  }

  private static WorkflowInstance workflow() {
    return WorkflowInstance.builder("order", 1).id("w").name("w").build();
  }

  private static void createOne(PersistenceProvider provider) {
    provider.createNewWorkflow(workflow());
  }

  private String created() {
    return String.valueOf(database.queryForString("select string_agg(id, ' ') from wfc.workflows"));
  }

  private static void withAUrl(String url, Consumer<PersistenceProvider> work) {
    PostgresOptions options =
        PostgresOptions.builder().poolSize(20).retryTimeout(Duration.ofSeconds(5)).build();
    try (var provider = PostgresPersistenceProvider.connect(url, options)) {
      provider.ensureStoreExists();
      work.accept(provider);
    }
  }

  private static void withADataSource(DataSource dataSource, Consumer<PersistenceProvider> work) {
    try (var provider = PostgresPersistenceProvider.over(dataSource)) {
      provider.ensureStoreExists();
      work.accept(provider);
    }
  }

  private static void withProperties(String jdbcUrl, Consumer<PersistenceProvider> work) {
    Map<String, String> properties = Map.of("jakarta.persistence.jdbc.url", jdbcUrl);
    try (var factory = Persistence.createEntityManagerFactory("wfe", properties);
        var provider = PostgresPersistenceProvider.over(factory)) {
      provider.ensureStoreExists();
      work.accept(provider);
    }
  }

  private static PostgresPersistenceProvider withJta(DataSource dataSource) {
    PostgresPersistenceProvider provider = PostgresPersistenceProvider.overJta(dataSource);
    provider.ensureStoreExists();
    return provider;
  }

  @Test
  void aUrlOpensAProvider() {
    withAUrl(database.url(), OpeningDocsTest::createOne);

    assertThat(created()).isEqualTo("w");
  }

  @Test
  void aDataSourceOpensAProvider() {
    withADataSource(database.dataSource(), OpeningDocsTest::createOne);

    assertThat(created()).isEqualTo("w");
  }

  @Test
  void propertiesOpenAProvider() {
    withProperties(database.url(), OpeningDocsTest::createOne);

    assertThat(created()).isEqualTo("w");
  }

  @Test
  void aProviderOverJtaJoinsTheTransaction() throws Exception {
    try (JtaServer server = new JtaServer(TestDatabase.migrated());
        PostgresPersistenceProvider provider = withJta(server.dataSource)) {
      server.transactions.begin();
      createOne(provider);
      server.transactions.rollback();

      assertThat(provider.getWorkflowInstances(List.of("w"))).isEmpty();
    }
  }

  @Test
  void itsSnippetsAreInThisTest() throws IOException {
    String test = lines(Files.readString(THIS));

    assertThat(SNIPPET.matcher(Files.readString(PAGE)).results())
        .hasSizeGreaterThanOrEqualTo(4)
        .allSatisfy(snippet -> assertThat(test).contains(lines(snippet.group(1))));
  }

  @Test
  void itIsShort() throws IOException {
    assertThat(Files.readString(PAGE).lines().count()).isLessThanOrEqualTo(LINES);
  }

  /** How far the lines are indented makes no difference. */
  private static String lines(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
  }
}
