package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.DataCondition.Comparison;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSort.Column;
import dev.wfe.persistence.WorkflowSummary;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Finding workflows by a filter, in pages, and counting them. */
public abstract class FindWorkflowsContract extends Contract {
  private static final Instant NOON = Samples.NOON;
  private static final Instant LATER = NOON.plusSeconds(60);
  private static final WorkflowSort BY_ID = WorkflowSort.ascending(Column.ID);

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  private void create(String id, UnaryOperator<WorkflowInstance.Builder> fields) {
    provider()
        .createNewWorkflow(
            fields
                .apply(
                    WorkflowInstance.builder("order", 1).id(id).name("name " + id).createTime(NOON))
                .build());
  }

  private void create(String id) {
    create(id, fields -> fields);
  }

  private List<String> find(UnaryOperator<WorkflowFilter.Builder> conditions) {
    WorkflowFilter filter = conditions.apply(WorkflowFilter.builder()).build();
    List<String> ids = ids(provider().findWorkflows(filter, BY_ID, PageRequest.first(100)));
    assertThat(provider().countWorkflows(filter, 100)).isEqualTo(new RowCount(ids.size(), false));
    return ids;
  }

  private static List<String> ids(CursoredPage<WorkflowSummary> page) {
    return page.rows().stream().map(WorkflowSummary::id).toList();
  }

  private static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Test
  void aSummaryHasAllFieldsButPayloads() {
    WorkflowInstance full = Samples.fullInstance();
    provider().createNewWorkflow(full);

    WorkflowSummary found =
        provider()
            .findWorkflows(WorkflowFilter.ALL, WorkflowSort.NEWEST_FIRST, PageRequest.first(1))
            .rows()
            .get(0);

    assertThat(found)
        .isEqualTo(
            new WorkflowSummary(
                full.id(),
                full.name(),
                full.rootWorkflowId(),
                full.workflowDefinitionId(),
                full.version(),
                full.reference(),
                full.status(),
                full.nextExecution(),
                NOON,
                full.completeTime(),
                found.lastHeartbeatAt(),
                null));
    assertThat(found.lastHeartbeatAt()).isNotNull();
  }

  @Test
  void absentFieldsAreNull() {
    create("w");

    WorkflowSummary found =
        provider().findWorkflows(WorkflowFilter.ALL, BY_ID, PageRequest.first(1)).rows().get(0);

    assertThat(found.rootWorkflowId()).isNull();
    assertThat(found.reference()).isNull();
    assertThat(found.completeTime()).isNull();
    assertThat(found.lease()).isNull();
  }

  @Test
  void oneOfSeveralStatusesIsFound() {
    for (WorkflowStatus status : WorkflowStatus.values()) {
      create(status.word(), fields -> fields.status(status));
    }

    assertThat(find(where -> where.status(WorkflowStatus.SUSPENDED))).containsExactly("Suspended");
    assertThat(find(where -> where.status(WorkflowStatus.COMPLETE, WorkflowStatus.RUNNABLE)))
        .containsExactly("Complete", "Runnable");
    assertThat(find(where -> where)).hasSize(4);
  }

  @Test
  void definitionAndVersionAreCompared() {
    create("a");
    create("b", fields -> fields.version(2));
    create("c", fields -> fields.workflowDefinitionId("other"));

    assertThat(find(where -> where.definition("order"))).containsExactly("a", "b");
    assertThat(find(where -> where.definition("order", 2))).containsExactly("b");
    assertThat(find(where -> where.definition("none"))).isEmpty();
  }

  @Test
  void namesAreFoundExactlyAndByPrefix() {
    create("a", fields -> fields.name("50%_\\x"));
    create("b", fields -> fields.name("50% and more"));
    create("c", fields -> fields.name("500"));

    assertThat(find(where -> where.name("500"))).containsExactly("c");
    assertThat(find(where -> where.name("50"))).isEmpty();
    assertThat(find(where -> where.namePrefix("50"))).containsExactly("a", "b", "c");
    assertThat(find(where -> where.namePrefix("50%"))).containsExactly("a", "b");
    assertThat(find(where -> where.namePrefix("50%_\\"))).containsExactly("a");
    assertThat(find(where -> where.namePrefix("%"))).isEmpty();
  }

  @Test
  void referenceAndRootAreCompared() {
    create("a", fields -> fields.reference("r").rootWorkflowId("root"));
    create("b", fields -> fields.reference("r"));
    create("c");

    assertThat(find(where -> where.reference("r"))).containsExactly("a", "b");
    assertThat(find(where -> where.rootWorkflowId("root"))).containsExactly("a");
    assertThat(find(where -> where.reference("r").rootWorkflowId("other"))).isEmpty();
  }

  @Test
  void rangesIncludeTheirStartAndNotTheirEnd() {
    create("a", fields -> fields.createTime(NOON).completeTime(NOON));
    create("b", fields -> fields.createTime(LATER).completeTime(LATER));
    create("c", fields -> fields.createTime(LATER));

    assertThat(find(where -> where.created(TimeRange.from(LATER)))).containsExactly("b", "c");
    assertThat(find(where -> where.created(TimeRange.before(LATER)))).containsExactly("a");
    assertThat(find(where -> where.created(TimeRange.between(NOON, LATER)))).containsExactly("a");
    assertThat(find(where -> where.completed(TimeRange.from(NOON)))).containsExactly("a", "b");
    assertThat(find(where -> where.completed(TimeRange.before(Instant.MAX))))
        .containsExactly("a", "b");
    assertThat(find(where -> where.created(TimeRange.from(NOON.plusNanos(1)))))
        .containsExactly("b", "c");
  }

  @Test
  void anyInstantIsABound() {
    create("a", fields -> fields.nextExecution(0L).completeTime(NOON));

    for (Instant early : List.of(Instant.MIN, Instant.parse("-9999-01-01T00:00:00Z"))) {
      assertThat(find(where -> where.created(TimeRange.from(early)))).hasSize(1);
      assertThat(find(where -> where.created(TimeRange.before(early)))).isEmpty();
      assertThat(find(where -> where.due(TimeRange.from(early)))).hasSize(1);
      assertThat(find(where -> where.due(TimeRange.before(early)))).isEmpty();
    }
    assertThat(find(where -> where.created(TimeRange.from(Instant.MAX)))).isEmpty();
    assertThat(find(where -> where.created(TimeRange.before(Instant.MAX)))).hasSize(1);
    assertThat(find(where -> where.due(TimeRange.from(Instant.MAX)))).isEmpty();
    assertThat(find(where -> where.due(TimeRange.before(Instant.MAX)))).hasSize(1);
    assertThat(find(where -> where.heartbeatBefore(Instant.MAX))).hasSize(1);
    assertThat(find(where -> where.heartbeatBefore(Instant.MIN))).isEmpty();
  }

  @Test
  void nextExecutionIsFoundInARangeOrAbsent() {
    create("a", fields -> fields.nextExecution(0L));
    create("b", fields -> fields.nextExecution(NOON.toEpochMilli()));
    create("c", fields -> fields.nextExecution(null));

    Instant noon = Instant.ofEpochMilli(NOON.toEpochMilli());
    assertThat(find(where -> where.due(TimeRange.before(noon)))).containsExactly("a");
    assertThat(find(where -> where.due(TimeRange.from(noon)))).containsExactly("b");
    assertThat(find(where -> where.due(TimeRange.from(noon.plusNanos(1))))).isEmpty();
    assertThat(find(where -> where.due(TimeRange.before(noon.plusNanos(1)))))
        .containsExactly("a", "b");
    assertThat(find(where -> where.unscheduled())).containsExactly("c");
  }

  @Test
  void theEventThatIsWaitedForIsFound() {
    create("a");
    create("b");
    create("c");
    provider().createEventSubscription(Samples.subscription("a", "paid", NOON));
    provider().createEventSubscription(Samples.subscription("a", "paid", LATER));
    provider()
        .createEventSubscription(
            Samples.subscription("b", "paid", NOON).toBuilder().eventKey("other").build());

    assertThat(find(where -> where.waitingFor("paid"))).containsExactly("a", "b");
    assertThat(find(where -> where.waitingFor("paid", "key"))).containsExactly("a");
    assertThat(find(where -> where.waitingFor("shipped"))).isEmpty();
  }

  @Test
  void failedPointersAndErrorsAreFound() {
    create(
        "a",
        fields ->
            fields.executionPointers(
                List.of(
                    ExecutionPointer.builder(0).status(PointerStatus.FAILED).build(),
                    ExecutionPointer.builder(1).status(PointerStatus.FAILED).build())));
    create(
        "b",
        fields ->
            fields.executionPointers(
                List.of(ExecutionPointer.builder(0).status(PointerStatus.COMPLETE).build())));
    provider()
        .persistErrors(
            List.of(ExecutionError.now("b", "p", "m"), ExecutionError.now("b", "p", "m")));

    assertThat(find(where -> where.withFailedPointer())).containsExactly("a");
    assertThat(find(where -> where.withErrors())).containsExactly("b");
    assertThat(find(where -> where.withErrors().withFailedPointer())).isEmpty();
  }

  private Instant heartbeat(String id) {
    return provider()
        .findWorkflows(
            WorkflowFilter.builder().name("name " + id).build(), BY_ID, PageRequest.first(1))
        .rows()
        .stream()
        .map(found -> Objects.requireNonNull(found.lastHeartbeatAt()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aStaleHeartbeatIsFoundUntilTheWorkflowIsWritten() {
    create("a");
    create("b");
    Instant first = heartbeat("b");
    Instant stale = first.plusNanos(1_000);
    assertThat(find(where -> where.heartbeatBefore(stale))).contains("b");
    assertThat(find(where -> where.heartbeatBefore(first))).doesNotContain("b");

    WorkflowInstance read = provider().getWorkflowInstance("b");
    while (!heartbeat("b").isAfter(stale)) {
      read = provider().persistWorkflow(read);
    }

    assertThat(find(where -> where.heartbeatBefore(stale))).doesNotContain("b");
  }

  @Test
  void leasesAndTheirOwnersAreFound() {
    create("a", fields -> fields.nextExecution(0L));
    create("b", fields -> fields.nextExecution(1L));
    create("c", fields -> fields.nextExecution(null));
    claim("one");
    claim("other");

    assertThat(find(where -> where.leased())).containsExactly("a", "b");
    assertThat(find(where -> where.leasedBy("one"))).containsExactly("a");
    assertThat(find(where -> where.leasedBy("nobody"))).isEmpty();
    assertThat(find(where -> where.unleased())).containsExactly("c");
    List<WorkflowSummary> leased =
        provider()
            .findWorkflows(
                WorkflowFilter.builder().leasedBy("one").build(), BY_ID, PageRequest.first(2))
            .rows();
    assertThat(leased).hasSize(1);
    WorkflowSummary.HeldLease lease = Objects.requireNonNull(leased.get(0).lease());
    assertThat(lease.owner()).isEqualTo("one");
    assertThat(lease.expiresAt()).isAfter(Objects.requireNonNull(leased.get(0).lastHeartbeatAt()));
  }

  private void claim(String owner) {
    assertThat(
            provider()
                .claimWorkflows(
                    new ClaimRequest(
                        owner,
                        List.of(new DefinitionVersion("order", 1)),
                        1,
                        1_000,
                        Duration.ofHours(1)))
                .workflows())
        .hasSize(1);
  }

  private void createWithData(String id, JsonNode data) {
    create(id, fields -> fields.data(data));
  }

  @Test
  void dataIsFoundByWhatItContains() {
    createWithData("a", json().put("amount", 12).set("to", json().put("city", "Oslo")));
    createWithData("b", json().put("amount", new BigDecimal("12.0")));
    createWithData("c", JsonNodeFactory.instance.arrayNode().add(1).add("x").add(json()));
    createWithData("d", TextNode.valueOf("x"));

    assertThat(find(where -> where.dataContains(json().put("amount", 12))))
        .containsExactly("a", "b");
    assertThat(find(where -> where.dataContains(json().set("to", json().put("city", "Oslo")))))
        .containsExactly("a");
    assertThat(find(where -> where.dataContains(json().set("to", json())))).containsExactly("a");
    assertThat(find(where -> where.dataContains(json().put("amount", "12")))).isEmpty();
    assertThat(find(where -> where.dataContains(TextNode.valueOf("x")))).containsExactly("c", "d");
    assertThat(
            find(where -> where.dataContains(JsonNodeFactory.instance.arrayNode().add("x").add(1))))
        .containsExactly("c");
    assertThat(find(where -> where.dataContains(json()))).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "EQ, b", "NE, a c", "LT, a", "LE, a b", "GT, c", "GE, b c",
  })
  void valuesInDataAreCompared(Comparison comparison, String expected) {
    List<JsonNode> numbers =
        List.of(
            IntNode.valueOf(-3), json().numberNode(new BigDecimal("2.50")), IntNode.valueOf(10));
    List<String> texts = List.of("B", "a", "é\"");
    for (int i = 0; i < 3; i++) {
      createWithData(
          List.of("a", "b", "c").get(i),
          json()
              .<ObjectNode>set("a.b", json().<ObjectNode>set("n", numbers.get(i)))
              .put("t\"", texts.get(i)));
    }
    createWithData("null", json().<ObjectNode>set("a.b", json().putNull("n")).putNull("t\""));
    createWithData("other", json().put("a.b", 2.5).put("t\"", 1));
    createWithData("list", JsonNodeFactory.instance.arrayNode().add(json().put("t\"", "a")));
    createWithData("absent", json());

    assertThat(
            find(
                where ->
                    where.data(
                        List.of("a.b", "n"), comparison, json().numberNode(new BigDecimal("2.5")))))
        .containsExactly(expected.split(" "));
    assertThat(find(where -> where.data(List.of("t\""), comparison, TextNode.valueOf("a"))))
        .containsExactly(expected.split(" "));
  }

  @Test
  void aNegativeAndALargeNumberAreCompared() {
    createWithData("a", json().put("n", -5));
    createWithData("b", json().put("n", new BigDecimal("1e30")));

    assertThat(find(where -> where.data(List.of("n"), Comparison.LE, IntNode.valueOf(-5))))
        .containsExactly("a");
    assertThat(
            find(
                where ->
                    where.data(
                        List.of("n"),
                        Comparison.EQ,
                        json().numberNode(new BigDecimal("1000000000000000000000000000000")))))
        .containsExactly("b");
  }

  @Test
  void textsCompareByCodePoints() {
    createWithData("a", json().put("t", "\uFFFD"));
    createWithData("b", json().put("t", "\uD83D\uDE00"));

    assertThat(find(where -> where.data(List.of("t"), Comparison.GT, TextNode.valueOf("\uFFFD"))))
        .containsExactly("b");
  }

  @Test
  void allConditionsAreMet() {
    create("a", fields -> fields.reference("r"));
    create("b", fields -> fields.reference("r").status(WorkflowStatus.SUSPENDED));
    create("c", fields -> fields.status(WorkflowStatus.SUSPENDED));

    assertThat(
            find(
                where ->
                    where
                        .reference("r")
                        .status(WorkflowStatus.SUSPENDED)
                        .definition("order", 1)
                        .namePrefix("name")
                        .created(TimeRange.between(NOON, LATER))
                        .unleased()
                        .dataContains(json())))
        .containsExactly("b");
  }

  /** The pages from the beginning to the end. */
  private List<List<String>> pages(WorkflowFilter filter, WorkflowSort sort, int limit) {
    List<List<String>> pages = new ArrayList<>();
    @Nullable String next = null;
    do {
      CursoredPage<WorkflowSummary> page =
          provider().findWorkflows(filter, sort, new PageRequest(limit, next));
      pages.add(ids(page));
      next = page.next();
    } while (next != null);
    return pages;
  }

  @ParameterizedTest
  @EnumSource
  void pagesAreSortedByAColumnWithTiesById(Column column) {
    for (int i : new int[] {5, 0, 3, 1, 4, 2}) {
      create(
          "w" + i,
          fields ->
              fields
                  .name("n" + i)
                  .createTime(NOON.plusSeconds(i / 2))
                  .completeTime(i < 4 ? NOON.plusSeconds(i / 2) : null)
                  .nextExecution(i < 4 ? Long.valueOf(i < 2 ? 0 : -10) : null));
    }
    boolean isNegative = column == Column.NEXT_EXECUTION;
    boolean isNullable = isNegative || column == Column.COMPLETE_TIME;
    List<String> ascending =
        isNegative
            ? List.of("w2", "w3", "w0", "w1", "w4", "w5")
            : List.of("w0", "w1", "w2", "w3", "w4", "w5");
    List<String> descending =
        isNegative
            ? List.of("w1", "w0", "w3", "w2", "w5", "w4")
            : isNullable
                ? List.of("w3", "w2", "w1", "w0", "w5", "w4")
                : List.of("w5", "w4", "w3", "w2", "w1", "w0");

    for (int limit : new int[] {1, 2, 3, 4, 5, 6, 7}) {
      assertThat(pages(WorkflowFilter.ALL, WorkflowSort.ascending(column), limit))
          .allSatisfy(page -> assertThat(page).hasSizeLessThanOrEqualTo(limit))
          .flatMap(ids -> ids)
          .isEqualTo(ascending);
      assertThat(pages(WorkflowFilter.ALL, WorkflowSort.descending(column), limit))
          .hasSize((6 + limit - 1) / limit)
          .flatMap(ids -> ids)
          .isEqualTo(descending);
    }
  }

  @Test
  void aPageOfNothingIsEmptyAndTheLast() {
    assertThat(
            provider()
                .findWorkflows(WorkflowFilter.ALL, WorkflowSort.NEWEST_FIRST, PageRequest.first(1)))
        .isEqualTo(new CursoredPage<WorkflowSummary>(List.of(), null));
  }

  @Test
  void theWholeRangeOfNextExecutionIsSorted() {
    create("least", fields -> fields.nextExecution(Long.MIN_VALUE));
    create("greatest", fields -> fields.nextExecution(Long.MAX_VALUE));
    create("zero", fields -> fields.nextExecution(0L));

    assertThat(pages(WorkflowFilter.ALL, WorkflowSort.ascending(Column.NEXT_EXECUTION), 1))
        .containsExactly(List.of("least"), List.of("zero"), List.of("greatest"));
  }

  @Test
  void aPageContinuesAlthoughItsLastRowHasGone() {
    for (String id : List.of("a", "b", "c")) {
      create(id);
    }
    WorkflowFilter runnable = WorkflowFilter.builder().status(WorkflowStatus.RUNNABLE).build();
    CursoredPage<WorkflowSummary> first =
        provider().findWorkflows(runnable, BY_ID, PageRequest.first(2));
    provider()
        .persistWorkflow(
            provider().getWorkflowInstance("b").toBuilder()
                .status(WorkflowStatus.COMPLETE)
                .build());

    String cursor = Objects.requireNonNull(first.next());
    assertThat(ids(provider().findWorkflows(runnable, BY_ID, PageRequest.after(cursor, 2))))
        .containsExactly("c");
  }

  @Test
  void aCursorOfAnotherFilterOrSortIsRefused() {
    create("a");
    create("b");
    String cursor =
        Objects.requireNonNull(
            provider().findWorkflows(WorkflowFilter.ALL, BY_ID, PageRequest.first(1)).next());
    PageRequest page = PageRequest.after(cursor, 1);

    assertThat(ids(provider().findWorkflows(WorkflowFilter.ALL, BY_ID, page))).containsExactly("b");
    assertThatThrownBy(
            () ->
                provider()
                    .findWorkflows(WorkflowFilter.ALL, WorkflowSort.descending(Column.ID), page))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("page.after is a cursor of another filter or sort");
    assertThatThrownBy(
            () ->
                provider()
                    .findWorkflows(WorkflowFilter.builder().reference("r").build(), BY_ID, page))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("page.after is a cursor of another filter or sort");
  }

  @Test
  void aMalformedCursorIsRefused() {
    create("a");
    create("b");
    String cursor =
        Objects.requireNonNull(
            provider().findWorkflows(WorkflowFilter.ALL, BY_ID, PageRequest.first(1)).next());

    Stream.of("", "x", "!", "a".repeat(1_000), cursor.substring(1), cursor + "AAAA", "é")
        .forEach(
            malformed ->
                assertThatThrownBy(
                        () ->
                            provider()
                                .findWorkflows(
                                    WorkflowFilter.ALL, BY_ID, PageRequest.after(malformed, 1)))
                    .isInstanceOf(InvalidValueException.class)
                    .hasMessageContaining("page.after is not a cursor"));
  }

  @Test
  void aCountIsExactUpToItsBound() {
    for (String id : List.of("a", "b", "c")) {
      create(id);
    }

    assertThat(provider().countWorkflows(WorkflowFilter.ALL, 3)).isEqualTo(new RowCount(3, false));
    assertThat(provider().countWorkflows(WorkflowFilter.ALL, 1_000_000).estimated()).isFalse();
    RowCount beyond = provider().countWorkflows(WorkflowFilter.ALL, 2);
    assertThat(beyond.rows()).isGreaterThan(2);
  }

  @Test
  void aCallersTransactionIsSeen() throws Exception {
    List<String> seen =
        provider()
            .inTransaction(
                transaction -> {
                  transaction.provider().createNewWorkflow(Samples.instance());
                  return ids(
                      transaction
                          .provider()
                          .findWorkflows(
                              WorkflowFilter.ALL,
                              WorkflowSort.NEWEST_FIRST,
                              PageRequest.first(10)));
                });

    assertThat(seen).hasSize(1);
  }

  @Test
  void badFiltersAreRefused() {
    assertThatThrownBy(() -> WorkflowFilter.builder().reference("\0").build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("reference contains a NUL character");
    assertThatThrownBy(
            () ->
                WorkflowFilter.builder().data(List.of(), Comparison.EQ, IntNode.valueOf(1)).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("path has 0 names");
    assertThatThrownBy(
            () -> WorkflowFilter.builder().data(List.of("a"), Comparison.EQ, json()).build())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("value is neither a number nor a text");
    assertThatThrownBy(() -> PageRequest.first(0))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("limit is 0");
    assertThatThrownBy(() -> provider().countWorkflows(WorkflowFilter.ALL, -1))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("exactUpTo is -1");
  }
}
