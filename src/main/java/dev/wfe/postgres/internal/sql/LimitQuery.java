package dev.wfe.postgres.internal.sql;

import dev.wfe.postgres.entity.LimitUseEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.entity.WorkflowLeaseEntity;
import jakarta.persistence.Tuple;
import jakarta.persistence.criteria.Expression;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.hibernate.StatelessSession;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.query.criteria.JpaCriteriaQuery;
import org.hibernate.query.criteria.JpaEntityJoin;
import org.hibernate.query.sqm.tree.SqmJoinType;
import org.jspecify.annotations.Nullable;

/** Counts what claims under limits count; see {@link LimitedClaimSql}. Thread-safe. */
public final class LimitQuery {
  /** A lease that has expired counts while its workflow is due. */
  private static final String COUNTS =
      "(? > clock_timestamp() or coalesce(? = 'Runnable' and ? <= %s, false))"
          .formatted(ClaimSql.NOW_MILLIS);

  private static final String OF_KEY = "count(*) filter (where ? = cast(? as text))";

  private static final String IN_PERIOD =
      "(? > clock_timestamp() - cast(? as float8) * interval '1 microsecond')";

  private final String definitionId;
  private final @Nullable String limitKey;
  private final @Nullable Duration period;

  /** The use of the limits of a definition. */
  public LimitQuery(String definitionId, @Nullable String limitKey, @Nullable Duration period) {
    this.definitionId = definitionId;
    this.limitKey = limitKey;
    this.period = period;
  }

  /** Returns one row: how many leases count, and how many of them have the key. */
  public Tuple leases(StatelessSession session) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<Tuple> query = builder.createTupleQuery();
    QueryContext<WorkflowLeaseEntity> context =
        new QueryContext<>(builder, query, WorkflowLeaseEntity.class);
    JpaEntityJoin<WorkflowEntity> workflow =
        context.root().join(WorkflowEntity.class, SqmJoinType.LEFT);
    workflow.on(context.predicate("(? = ?)", workflow.get("id"), context.attribute("workflowId")));
    context.whereEqual("limitDefinition", definitionId);
    context.where(
        COUNTS,
        context.attribute("expiresAt"),
        workflow.get("status"),
        workflow.get("nextExecution"));
    Expression<Long> ofKey =
        limitKey == null
            ? builder.literal(0L)
            : context.sql(
                Long.class, OF_KEY, context.attribute("limitKey"), context.parameter(limitKey));
    query.multiselect(List.of(builder.count().alias("at_a_time"), ofKey.alias("of_key")));
    query.where(context.conditions());
    return session.createQuery(query).getSingleResult();
  }

  /** Returns one row: how many workflows were claimed in the period, and when first. */
  public Tuple claims(StatelessSession session) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<Tuple> query = builder.createTupleQuery();
    QueryContext<LimitUseEntity> context = new QueryContext<>(builder, query, LimitUseEntity.class);
    context.whereEqual("definitionId", definitionId);
    if (period == null) {
      context.where("(1 = 0)");
    } else {
      context.where(
          IN_PERIOD,
          context.attribute("usedAt"),
          context.parameter(TimeUnit.MICROSECONDS.convert(period)));
    }
    query.multiselect(
        List.of(
            context
                .sql(Long.class, "cast(coalesce(sum(?), 0) as bigint)", context.attribute("used"))
                .alias("claimed"),
            context
                .sql(String.class, "cast(min(?) as text)", context.attribute("usedAt"))
                .alias("earliest")));
    query.where(context.conditions());
    return session.createQuery(query).getSingleResult();
  }
}
