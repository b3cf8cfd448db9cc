package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.host.EventType;
import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.model.WorkflowInstance;
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
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/ReadmeTest.java");

  @SuppressWarnings("SystemOut") // as the README shows it
  private static void quickStart(String url) throws Exception {
    // The quick start begins.
    record Order(String id, String receipt) {}

    EventType<String> paid = EventType.of("paid", String.class);
    Workflow<Order> workflow =
        Workflow.define("order", 1, Order.class)
            .run("reserve stock", (Order order) -> System.out.println("Reserving " + order.id()))
            .await("payment", paid, Order::id, (order, receipt) -> new Order(order.id(), receipt))
            .run("ship", (Order order) -> System.out.println("Shipping " + order))
            .build();

    try (var provider = PostgresPersistenceProvider.connect(url);
        var host = WorkflowHost.builder(provider).workflow(workflow).build()) {
      provider.ensureStoreExists();
      host.start();
      host.startWorkflow(workflow, new Order("o-1", ""), StartOptions.id("o-1"));
      host.publish(paid, "o-1", "receipt 17");
      host.awaitEnd(workflow, "o-1", Duration.ofSeconds(30));
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
  void theQuickStartRuns(@EmptyDatabase TestDatabase database) throws Exception {
    quickStart(database.url());
    assertThat(database.queryForString("select status from wfc.workflows")).isEqualTo("Complete");
    assertThat(database.queryForString("select data ->> 'receipt' from wfc.workflows"))
        .isEqualTo("receipt 17");
  }

  @Test
  void theQuickStartIsTheOneInTheReadme() throws IOException {
    String snippet = between(Files.readString(THIS), "// The quick start begins.\n", "    // The");
    assertThat(snippet.lines().count()).isLessThanOrEqualTo(20);
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
