package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.HostChecks;
import dev.wfe.persistence.LimitUsage;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PageCursor;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.postgres.internal.mapping.QueryRows;
import dev.wfe.postgres.internal.mapping.ReadRows;
import dev.wfe.postgres.internal.sql.CommandQuery;
import dev.wfe.postgres.internal.sql.EntityQuery;
import dev.wfe.postgres.internal.sql.ErrorQuery;
import dev.wfe.postgres.internal.sql.EventQuery;
import dev.wfe.postgres.internal.sql.LimitedClaimSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SubscriptionQuery;
import dev.wfe.postgres.internal.sql.WorkflowQuery;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds and counts rows by queries over the entities. Hibernate starts when the first query is
 * executed. Thread-safe.
 */
public final class PostgresWorkflowQueries implements WorkflowQueries {
  private static final SortDirection ANY_DIRECTION = SortDirection.ASCENDING;

  private final TransactionScope scope;
  private final LimitedClaimSql limits;
  private final Supplier<? extends EntityManagerFactory> factory;

  /**
   * Runs its operations in the scope.
   *
   * @param limits the statement that counts what claims under limits count
   * @param factory the session factory; asked by each operation
   */
  public PostgresWorkflowQueries(
      TransactionScope scope,
      LimitedClaimSql limits,
      Supplier<? extends EntityManagerFactory> factory) {
    this.scope = scope;
    this.limits = limits;
    this.factory = factory;
  }

  /**
   * Reads a page.
   *
   * @param described the filter and the sort, to which cursors belong
   */
  private <T> CursoredPage<T> page(
      String operation,
      List<Object> described,
      EntityQuery<?> query,
      PageRequest page,
      Function<List<Tuple>, ReadRows<T>> converter) {
    String owner = operation + described;
    PageCursor after = page.after() == null ? null : decode(operation, owner, query, page.after());
    EntityManagerFactory entities = factory.get();
    List<Tuple> found =
        scope.run(
            Operation.reading(operation, List.of()),
            statements ->
                statements.entities(
                    entities, session -> query.rows(session, after, page.limit() + 1)));
    boolean hasMore = found.size() > page.limit();
    List<Tuple> shown = hasMore ? found.subList(0, page.limit()) : found;
    return new CursoredPage<>(
        UnreadableRows.leaveOut(operation, converter.apply(shown)),
        hasMore ? query.cursor(shown.get(shown.size() - 1)).encode(owner) : null);
  }

  private static PageCursor decode(
      String operation, String owner, EntityQuery<?> query, String text) {
    PageCursor cursor = PageCursor.decode(operation, owner, text);
    if (!query.accepts(cursor)) {
      throw PageCursor.malformed(operation);
    }
    return cursor;
  }

  /** Counts up to the bound. If there are more rows, asks the planner for an estimate. */
  private RowCount count(String operation, EntityQuery<?> query, int exactUpTo) {
    EntityManagerFactory entities = factory.get();
    return scope.run(
        Operation.reading(operation, List.of()),
        statements -> {
          long counted =
              statements.entities(entities, session -> query.count(session, exactUpTo + 1));
          if (counted <= exactUpTo) {
            return new RowCount(counted, false);
          }
          long estimate = QueryRows.plannedRows(statements.explaining(entities, query::plan));
          return new RowCount(Math.max(estimate, counted), true);
        });
  }

  @Override
  public CursoredPage<WorkflowSummary> findWorkflows(
      WorkflowFilter filter, WorkflowSort sort, PageRequest page) {
    ValueLimits.checkFind("findWorkflows", filter, sort, page);
    return page(
        "findWorkflows",
        List.of(filter, sort),
        new WorkflowQuery(filter, sort),
        page,
        QueryRows::workflows);
  }

  @Override
  public RowCount countWorkflows(WorkflowFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countWorkflows", filter, exactUpTo);
    return count(
        "countWorkflows",
        new WorkflowQuery(filter, WorkflowSort.ascending(WorkflowSort.Column.ID)),
        exactUpTo);
  }

  @Override
  public CursoredPage<EventSummary> findEvents(
      EventFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findEvents", filter, direction, page);
    return page(
        "findEvents",
        List.of(filter, direction),
        new EventQuery(filter, direction),
        page,
        QueryRows::events);
  }

  @Override
  public RowCount countEvents(EventFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countEvents", filter, exactUpTo);
    return count("countEvents", new EventQuery(filter, ANY_DIRECTION), exactUpTo);
  }

  @Override
  public CursoredPage<SubscriptionSummary> findSubscriptions(
      SubscriptionFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findSubscriptions", filter, direction, page);
    return page(
        "findSubscriptions",
        List.of(filter, direction),
        new SubscriptionQuery(filter, direction),
        page,
        QueryRows::subscriptions);
  }

  @Override
  public RowCount countSubscriptions(SubscriptionFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countSubscriptions", filter, exactUpTo);
    return count("countSubscriptions", new SubscriptionQuery(filter, ANY_DIRECTION), exactUpTo);
  }

  @Override
  public CursoredPage<ScheduledCommand> findCommands(
      CommandFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findCommands", filter, direction, page);
    return page(
        "findCommands",
        List.of(filter, direction),
        new CommandQuery(filter, direction),
        page,
        QueryRows::commands);
  }

  @Override
  public RowCount countCommands(CommandFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countCommands", filter, exactUpTo);
    return count("countCommands", new CommandQuery(filter, ANY_DIRECTION), exactUpTo);
  }

  @Override
  public CursoredPage<StoredError> findErrors(
      ErrorFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findErrors", filter, direction, page);
    return page(
        "findErrors",
        List.of(filter, direction),
        new ErrorQuery(filter, direction),
        page,
        QueryRows::errors);
  }

  @Override
  public RowCount countErrors(ErrorFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countErrors", filter, exactUpTo);
    return count("countErrors", new ErrorQuery(filter, ANY_DIRECTION), exactUpTo);
  }

  @Override
  public List<ErrorCount> countErrorsByMessage(ErrorFilter filter, int limit) {
    ValueLimits.checkErrorCounts(filter, limit);
    EntityManagerFactory entities = factory.get();
    ErrorQuery query = new ErrorQuery(filter, ANY_DIRECTION);
    List<Tuple> counts =
        scope.run(
            Operation.reading("countErrorsByMessage", List.of()),
            statements -> statements.entities(entities, session -> query.counts(session, limit)));
    return UnreadableRows.leaveOut("countErrorsByMessage", QueryRows.errorCounts(counts));
  }

  @Override
  public LimitUsage getLimitUsage(String workflowId, @Nullable Duration period) {
    HostChecks.checkUsage(workflowId, period);
    return scope
        .run(
            Operation.reading("getLimitUsage", List.of(workflowId)),
            statements ->
                statements.first(
                    limits.usage,
                    parameters ->
                        parameters
                            .text("workflowId", workflowId)
                            .bigint(
                                "periodMicros",
                                period == null ? null : TimeUnit.MICROSECONDS.convert(period))
                            .text("seqScan", statements.commits() ? "off" : null),
                    QueryRows::limitUsage))
        .orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, workflowId));
  }
}
