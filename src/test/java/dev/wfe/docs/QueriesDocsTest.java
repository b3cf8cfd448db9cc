package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.DataCondition.Comparison;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The queries of {@code docs/queries.md} do what the page says. */
@ExtendWith(TestDatabaseExtension.class)
final class QueriesDocsTest {
  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final Pattern QUERY =
      Pattern.compile("createQuery\\(\"([^\"]*)\", WorkflowEntity");
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/QueriesDocsTest.java");
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

  private static List<WorkflowSummary> suspendedOrders(
      PersistenceProvider provider, Instant yesterday) {
    WorkflowFilter suspended =
        WorkflowFilter.builder()
            .definition("order")
            .status(WorkflowStatus.SUSPENDED)
            .created(TimeRange.from(yesterday))
            .build();
    List<WorkflowSummary> found =
        provider.findWorkflows(suspended, WorkflowSort.NEWEST_FIRST, PageRequest.first(50)).rows();
    return found;
  }

  private static void printAll(
      PersistenceProvider provider,
      WorkflowFilter filter,
      WorkflowSort sort,
      Consumer<WorkflowSummary> print) {
    CursoredPage<WorkflowSummary> page =
        provider.findWorkflows(filter, sort, PageRequest.first(100));
    page.rows().forEach(print);
    while (page.next() != null) {
      page = provider.findWorkflows(filter, sort, PageRequest.after(page.next(), 100));
      page.rows().forEach(print);
    }
  }

  private static String counted(PersistenceProvider provider, WorkflowFilter filter) {
    RowCount count = provider.countWorkflows(filter, 10_000);
    String shown = (count.estimated() ? "about " : "") + count.rows();
    return shown;
  }

  private static String errors(PersistenceProvider provider, Instant yesterday) {
    ErrorFilter ofOrder = ErrorFilter.builder().workflow("order-1001").build();
    List<StoredError> newest =
        provider.findErrors(ofOrder, SortDirection.DESCENDING, PageRequest.first(20)).rows();
    ErrorFilter recent = ErrorFilter.builder().occurred(TimeRange.from(yesterday)).build();
    List<ErrorCount> frequent = provider.countErrorsByMessage(recent, 10);
    return "%s of %s".formatted(newest.size(), frequent.get(0).count());
  }

  private static WorkflowFilter expensive(JsonNodeFactory json) {
    WorkflowFilter expensive =
        WorkflowFilter.builder()
            .dataContains(json.objectNode().put("currency", "EUR"))
            .data(List.of("amount"), Comparison.GE, json.numberNode(1_000))
            .build();
    return expensive;
  }

  @Test
  void whatThePageFindsIsFound() {
    PersistenceProvider provider = new InMemoryPersistenceProvider();
    JsonNodeFactory json = JsonNodeFactory.instance;
    for (int i = 1_000; i < 1_250; i++) {
      provider.createNewWorkflow(
          WorkflowInstance.builder("order", 1)
              .id("order-" + i)
              .name("order-" + i)
              .status(i % 100 == 1 ? WorkflowStatus.SUSPENDED : WorkflowStatus.RUNNABLE)
              .data(json.objectNode().put("currency", "EUR").put("amount", i - 200))
              .createTime(OLD.plusSeconds(i))
              .build());
    }
    provider.persistErrors(
        List.of(
            new ExecutionError(OLD, "order-1001", "p", "failed"),
            new ExecutionError(OLD, "order-1002", "p", "failed")));

    assertThat(suspendedOrders(provider, OLD))
        .extracting(WorkflowSummary::id)
        .containsExactly("order-1201", "order-1101", "order-1001");
    List<WorkflowSummary> printed = new ArrayList<>();
    printAll(provider, WorkflowFilter.ALL, WorkflowSort.NEWEST_FIRST, printed::add);
    assertThat(printed).hasSize(250).doesNotHaveDuplicates();
    assertThat(counted(provider, expensive(json))).isEqualTo("50");
    assertThat(errors(provider, OLD)).isEqualTo("1 of 2");
  }

  @Test
  void itsSnippetsAreTests() throws IOException {
    String test = lines(Files.readString(THIS));

    assertThat(SNIPPET.matcher(page()).results().map(snippet -> snippet.group(1)))
        .hasSize(6)
        .filteredOn(snippet -> !snippet.startsWith("entityManager"))
        .allSatisfy(snippet -> assertThat(test).contains(lines(snippet)));
  }

  /** How far the lines are indented makes no difference. */
  private static String lines(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
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
