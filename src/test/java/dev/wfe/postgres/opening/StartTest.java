package dev.wfe.postgres.opening;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.cost.CountingSockets;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A host that starts on an existing store sends few statements before its first operation. */
@ExtendWith(TestDatabaseExtension.class)
final class StartTest {
  private static final int FEW = 10;

  private final TestDatabase database;

  StartTest(TestDatabase database) {
    this.database = database;
  }

  private static long sentUntilPersisted(String id, Supplier<PostgresPersistenceProvider> start) {
    long before = CountingSockets.statements();
    try (PostgresPersistenceProvider provider = start.get()) {
      provider.createNewWorkflow(Instances.withPointers(id, 3));
      provider.persistWorkflow(Instances.stepped(provider.getWorkflowInstance(id), 1));
      return CountingSockets.statements() - before;
    }
  }

  /** Its pool fills meanwhile; a connection that opens sends no statement. */
  @Test
  void fromAUrlToTheFirstPersistedWorkflow() {
    String url = CountingSockets.url(database);

    assertThat(sentUntilPersisted("url", () -> PostgresPersistenceProvider.connect(url)))
        .isBetween(3L, FEW - 1L);
  }

  @Test
  void fromADataSourceToTheFirstPersistedWorkflow() {
    List<String> sent = new CopyOnWriteArrayList<>();
    DataSource proxy =
        ProxyDataSourceBuilder.create(database.dataSource())
            .afterQuery(
                (execution, queries) -> queries.forEach(query -> sent.add(query.getQuery())))
            .build();

    sentUntilPersisted("external", () -> PostgresPersistenceProvider.over(proxy));

    assertThat(sent).hasSizeBetween(3, FEW - 1);
  }

  @Test
  void hibernateIsNotStartedUntilSomebodyAsksForIt() {
    try (LogCapture log = new LogCapture();
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(database.url())) {
      provider.createNewWorkflow(Instances.withPointers("without", 3));
      assertThat(log.text()).doesNotContain("org.hibernate");

      assertThat(provider.entityManagerFactory()).isSameAs(provider.entityManagerFactory());
    }
  }
}
