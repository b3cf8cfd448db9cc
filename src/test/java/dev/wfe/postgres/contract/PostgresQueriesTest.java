package dev.wfe.postgres.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PageCursor;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSort.Column;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.LogCapture;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Finding what others stored, and what only PostgreSQL shows. */
@ExtendWith(TestDatabaseExtension.class)
final class PostgresQueriesTest {
  private static final WorkflowSort BY_ID = WorkflowSort.ascending(Column.ID);

  private final TestDatabase database;
  private final PostgresPersistenceProvider provider;

  PostgresQueriesTest(TestDatabase database) {
    this.database = database;
    provider = PostgresPersistenceProvider.over(database.dataSource());
  }

  @BeforeEach
  void startEmpty() {
    database.emptyStore("wfc");
  }

  @AfterEach
  void close() {
    provider.close();
  }

  private void create(String id) {
    provider.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .id(id)
            .name(id)
            .createTime(Instant.EPOCH)
            .nextExecution(1L)
            .completeTime(Instant.EPOCH)
            .build());
  }

  private List<String> allPages(WorkflowSort sort) {
    List<String> ids = new ArrayList<>();
    @Nullable String next = null;
    do {
      CursoredPage<WorkflowSummary> page =
          provider.findWorkflows(WorkflowFilter.ALL, sort, new PageRequest(1, next));
      page.rows().forEach(row -> ids.add(row.id()));
      next = page.next();
    } while (next != null);
    return ids;
  }

  @ParameterizedTest
  @EnumSource
  void rowsThatCannotBeReadHideNoOthers(Column column) {
    for (String id : List.of("a", "b", "c", "d", "e", "f")) {
      create(id);
    }
    database.execute(
        """
        update wfc.workflows set status = 'Unheard' where id = 'b';
        update wfc.workflows set create_time = 'infinity' where id = 'c';
        update wfc.workflows set complete_time = '-infinity' where id = 'e';
        """);

    assertThat(allPages(WorkflowSort.ascending(column))).containsExactly("a", "d", "f");
    assertThat(allPages(WorkflowSort.descending(column))).containsExactly("f", "d", "a");
  }

  @Test
  void infiniteTimesOfEventsAndErrorsHideNoOthers() {
    database.execute(
        """
        insert into wfc.events (id, event_name, event_key, event_time)
          values ('a', 'n', 'k', '-infinity'), ('b', 'n', 'k', 'now'), ('c', 'n', 'k', 'infinity');
        insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
          values ('infinity', 'w', 'p', 'm'), ('now', 'w', 'p', 'm');
        """);

    CursoredPage<EventSummary> first =
        provider.findEvents(EventFilter.ALL, SortDirection.DESCENDING, PageRequest.first(1));
    assertThat(first.rows()).isEmpty();
    assertThat(
            provider
                .findEvents(
                    EventFilter.ALL,
                    SortDirection.DESCENDING,
                    PageRequest.after(String.valueOf(first.next()), 2))
                .rows())
        .extracting(EventSummary::id)
        .containsExactly("b");
    assertThat(
            provider
                .findErrors(ErrorFilter.ALL, SortDirection.DESCENDING, PageRequest.first(9))
                .rows())
        .hasSize(1);
  }

  @Test
  void aForgedCursorIsRefused() {
    WorkflowSort sort = WorkflowSort.descending(Column.CREATE_TIME);
    String query = "findWorkflows" + List.of(WorkflowFilter.ALL, sort);
    for (PageCursor forged :
        List.of(
            new PageCursor("'; drop table", "a"),
            new PageCursor("99999-99-99", "a"),
            new PageCursor(null, "a"))) {
      PageRequest page = PageRequest.after(forged.encode(query), 1);
      assertThatThrownBy(() -> provider.findWorkflows(WorkflowFilter.ALL, sort, page))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("page.after is not a cursor");
    }
  }

  @Test
  void theJsonOfAWorkflowIsNotRead() {
    create("a");
    database.execute(
        """
        create function wfc.read_by_nobody(text) returns boolean language plpgsql stable
          as 'begin raise exception ''data was read''; end';
        alter table wfc.workflows rename to all_workflows;
        create view wfc.workflows as
          select a.ctid, a.xmin, id, name, root_workflow_id, definition_id, version, description,
            reference, status, next_execution, create_time, complete_time, last_heartbeat_at,
            case when wfc.read_by_nobody(id) then data end as data
          from wfc.all_workflows a;
        """);
    try {
      assertThat(provider.findWorkflows(WorkflowFilter.ALL, BY_ID, PageRequest.first(1)).rows())
          .hasSize(1);
    } finally {
      database.execute(
          "drop view wfc.workflows; alter table wfc.all_workflows rename to workflows;"
              + "drop function wfc.read_by_nobody");
    }
  }

  @Test
  void aFailureIsTranslatedAndNotLogged() {
    database.execute("alter table wfc.execution_errors rename to hidden");
    try (LogCapture log = new LogCapture()) {
      assertThatThrownBy(() -> provider.countErrors(ErrorFilter.ALL, 1))
          .isNotInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("execution_errors")
          .hasMessageContaining("does not exist");
      assertThat(log.text()).doesNotContain("execution_errors");
    } finally {
      database.execute("alter table wfc.hidden rename to execution_errors");
    }
  }

  @Test
  void countsByMessageNameTheDefinition() {
    create("a");
    provider.persistErrors(List.of(ExecutionError.now("a", "p", "m")));

    assertThat(provider.countErrorsByMessage(ErrorFilter.ALL, 10))
        .singleElement()
        .satisfies(count -> assertThat(count.definitionId()).isEqualTo("order"));
  }
}
