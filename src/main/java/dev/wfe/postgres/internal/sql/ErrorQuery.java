package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.SortDirection;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.persistence.Tuple;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Selection;
import java.util.List;
import org.hibernate.StatelessSession;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.query.criteria.JpaCriteriaQuery;
import org.hibernate.query.criteria.JpaEntityJoin;
import org.hibernate.query.sqm.tree.SqmJoinType;

/** Errors that meet a filter. Thread-safe. */
public final class ErrorQuery extends EntityQuery<ExecutionErrorEntity> {
  private static final String BEGINNING =
      "pg_catalog.left(?, %s)".formatted(ErrorCount.MESSAGE_CHARS);

  private final ErrorFilter filter;

  /** The errors of the filter, by time. */
  public ErrorQuery(ErrorFilter filter, SortDirection direction) {
    super(
        ExecutionErrorEntity.class,
        KeyType.BIGINT,
        new Sort("errorTime", KeyType.TIME, false),
        direction);
    this.filter = filter;
  }

  @Override
  List<Selection<?>> columns(QueryContext<ExecutionErrorEntity> query) {
    return List.of(
        column(query, "id", "id"),
        time(query, "errorTime", "error_time"),
        column(query, "workflowId", "workflow_id"),
        column(query, "executionPointerId", "execution_pointer_id"),
        column(query, "message", "message"));
  }

  @Override
  void filter(QueryContext<ExecutionErrorEntity> query) {
    query.whereEqual("workflowId", filter.workflowId());
    query.whereEqual("executionPointerId", filter.executionPointerId());
    query.whereWithin("errorTime", filter.errorTime());
    query.whereEqual("message", filter.message());
    if (filter.definitionId() != null) {
      Expression<?> workflowId = query.attribute("workflowId");
      query.whereExists(
          true,
          WorkflowEntity.class,
          workflow -> {
            workflow.where("(? = ?)", workflow.attribute("id"), workflowId);
            workflow.whereEqual("definitionId", filter.definitionId());
          });
    }
  }

  /** Returns one row for each definition and beginning of a message, the most frequent first. */
  public List<Tuple> counts(StatelessSession session, int limit) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<Tuple> query = builder.createTupleQuery();
    QueryContext<ExecutionErrorEntity> context =
        new QueryContext<>(builder, query, ExecutionErrorEntity.class);
    filter(context);
    JpaEntityJoin<WorkflowEntity> workflow =
        context.root().join(WorkflowEntity.class, SqmJoinType.LEFT);
    workflow.on(context.predicate("(? = ?)", workflow.get("id"), context.attribute("workflowId")));
    Expression<?> definition = workflow.get("definitionId");
    Expression<String> message = context.sql(String.class, BEGINNING, context.attribute("message"));
    Expression<Long> count = builder.count();
    query.multiselect(
        List.of(
            definition.alias("definition_id"),
            message.alias("message"),
            count.alias("count"),
            context
                .sql(String.class, "cast(max(?) as text)", context.attribute("errorTime"))
                .alias("latest")));
    query.where(context.conditions());
    query.groupBy(List.of(definition, message));
    query.orderBy(builder.desc(count), builder.asc(definition), builder.asc(message));
    query.fetch(limit(builder, limit));
    return session.createQuery(query).getResultList();
  }
}
