package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DuplicateException;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/ReadmeTest.java");

  private static void quickStart(String url) {
    // The quick start begins.
    try (var provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
      String id =
          provider.createNewWorkflow(
              WorkflowInstance.builder("order", 1)
                  .executionPointers(List.of(ExecutionPointer.builder(0).build()))
                  .build());
      WorkflowInstance order = provider.getWorkflowInstance(id);
      provider.persistWorkflow(order.toBuilder().status(WorkflowStatus.COMPLETE).build());
    }
    // The quick start ends.
  }

  private static void oneTransaction(
      DataSource pool,
      PostgresPersistenceProvider provider,
      String order,
      WorkflowInstance instance)
      throws SQLException {
    // The transaction begins.
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      insertOrder(connection, order);
      provider.within(connection).createNewWorkflow(instance);
      connection.commit();
    }
    // The transaction ends.
  }

  private static void insertOrder(Connection connection, String order) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into orders (id) values (?)")) {
      statement.setString(1, order);
      statement.execute();
    }
  }

  @Test
  void theQuickStartRuns(@EmptyDatabase TestDatabase database) {
    quickStart(database.url());
    assertThat(database.queryForString("select status from wfc.workflows")).isEqualTo("Complete");
  }

  @Test
  void theQuickStartIsTheOneInTheReadme() throws IOException {
    String snippet = between(Files.readString(THIS), "// The quick start begins.\n", "    // The");
    assertThat(snippet.lines().count()).isLessThanOrEqualTo(12);
    assertThat(between(Files.readString(README), "```java\n", "```"))
        .isEqualTo(snippet.stripTrailing().stripIndent() + "\n");
  }

  @Test
  void theTransactionHoldsBothRows(TestDatabase database) throws SQLException {
    database.execute("create table orders (id text primary key)");
    WorkflowInstance instance = WorkflowInstance.builder("order", 1).id("w").name("w").build();
    try (var provider = PostgresPersistenceProvider.over(database.dataSource())) {
      oneTransaction(database.dataSource(), provider, "first", instance);

      assertThatThrownBy(() -> oneTransaction(database.dataSource(), provider, "second", instance))
          .isInstanceOf(DuplicateException.class);
    }
    assertThat(database.queryForStrings("select id from orders")).containsExactly("first");
    assertThat(database.queryForString("select count(*) from wfc.workflows where id = 'w'"))
        .isEqualTo("1");
  }

  @Test
  void theTransactionIsTheOneInTheReadme() throws IOException {
    String snippet =
        between(Files.readString(THIS), "// The transaction begins.\n", "    // The transaction");
    String readme = Files.readString(README);
    assertThat(between(readme.substring(readme.indexOf("\n## Ways in")), "```java\n", "```"))
        .isEqualTo(snippet.stripTrailing().stripIndent() + "\n");
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
