package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The queries of {@code docs/queries.md} do what the page says. */
@ExtendWith(TestDatabaseExtension.class)
final class QueriesDocsTest {
  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final Pattern QUERY =
      Pattern.compile("createQuery\\(\"([^\"]*)\", WorkflowEntity");
  private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");

  private static void finish(
      PostgresPersistenceProvider provider, String id, WorkflowStatus status, Instant ended) {
    provider.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .id(id)
            .name(id)
            .status(status)
            .completeTime(ended)
            .executionPointers(List.of(ExecutionPointer.builder(0).id("p-" + id).build()))
            .build());
    provider.createEventSubscription(
        EventSubscription.builder(id, "p-" + id, "paid", id)
            .id("s-" + id)
            .subscribeAsOf(OLD)
            .build());
    provider.persistErrors(List.of(new ExecutionError(OLD, id, "p-" + id, "failed")));
  }

  private static void publish(PostgresPersistenceProvider provider, String id, Instant time) {
    provider.createEvent(Event.builder("shipped", id).id(id).eventTime(time).build());
  }

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

  @Test
  void onlyFinishedWorkflowsAndProcessedEventsAreDeleted(TestDatabase database) throws IOException {
    try (var provider = PostgresPersistenceProvider.over(database.dataSource())) {
      finish(provider, "old", WorkflowStatus.COMPLETE, OLD);
      finish(provider, "ended", WorkflowStatus.TERMINATED, OLD);
      finish(provider, "running", WorkflowStatus.RUNNABLE, OLD);
      finish(provider, "new", WorkflowStatus.COMPLETE, Instant.now());
      publish(provider, "unprocessed", OLD);
      publish(provider, "processed", OLD);
      publish(provider, "recent", Instant.now());
      provider.markEventProcessed("processed");
      provider.markEventProcessed("recent");
    }

    for (String id : List.of("old", "running")) {
      lease(database, "workflow", id);
    }
    for (String id : List.of("processed", "unprocessed")) {
      lease(database, "event", id);
    }

    SQL.matcher(page())
        .results()
        .map((MatchResult block) -> block.group(1))
        .forEach(database::execute);

    assertThat(database.queryForStrings("select id from wfc.workflows order by id"))
        .containsExactly("new", "running");
    assertThat(database.queryForStrings("select id from wfc.execution_pointers order by id"))
        .containsExactly("p-new", "p-running");
    assertThat(database.queryForStrings("select id from wfc.event_subscriptions order by id"))
        .containsExactly("s-new", "s-running");
    assertThat(database.queryForStrings("select workflow_id from wfc.execution_errors order by 1"))
        .containsExactly("new", "running");
    assertThat(database.queryForStrings("select id from wfc.events order by id"))
        .containsExactly("recent", "unprocessed");
    assertThat(database.queryForStrings("select workflow_id from wfc.workflow_leases"))
        .containsExactly("running");
    assertThat(database.queryForStrings("select event_id from wfc.event_leases"))
        .containsExactly("unprocessed");
  }

  private static void lease(TestDatabase database, String kind, String id) {
    database.execute(
        "insert into wfc.%1$s_leases (%1$s_id, owner, epoch, expires_at%2$s) values ('%3$s', 'host', 1, '2020-01-01'%4$s)"
            .formatted(
                kind,
                kind.equals("workflow") ? ", attempt" : "",
                id,
                kind.equals("workflow") ? ", 1" : ""));
  }
}
