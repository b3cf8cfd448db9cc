package dev.wfe.postgres.internal.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.persistence.DataCondition;
import dev.wfe.persistence.DataCondition.Comparison;
import dev.wfe.persistence.LeaseCondition;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.postgres.entity.EventSubscriptionEntity;
import dev.wfe.postgres.entity.ExecutionErrorEntity;
import dev.wfe.postgres.entity.ExecutionPointerEntity;
import dev.wfe.postgres.entity.WorkflowEntity;
import dev.wfe.postgres.entity.WorkflowLeaseEntity;
import dev.wfe.postgres.internal.mapping.Json;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Selection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Workflows that meet a filter, with their leases. Thread-safe. */
public final class WorkflowQuery extends EntityQuery<WorkflowEntity> {
  private static final String UNEXPIRED = "(? > pg_catalog.statement_timestamp())";

  private final WorkflowFilter filter;

  /** The workflows of the filter, in the order of the sort. */
  public WorkflowQuery(WorkflowFilter filter, WorkflowSort sort) {
    super(WorkflowEntity.class, KeyType.TEXT, sort(sort.column()), sort.direction());
    this.filter = filter;
  }

  private static Sort sort(WorkflowSort.Column column) {
    return switch (column) {
      case ID -> Sort.BY_ID;
      case NAME -> new Sort("name", KeyType.TEXT, false);
      case CREATE_TIME -> new Sort("createTime", KeyType.TIME, false);
      case COMPLETE_TIME -> new Sort("completeTime", KeyType.TIME, true);
      case NEXT_EXECUTION -> new Sort("nextExecution", KeyType.BIGINT, true);
    };
  }

  @Override
  List<Selection<?>> columns(QueryContext<WorkflowEntity> query) {
    return List.of(
        column(query, "id", "id"),
        column(query, "name", "name"),
        column(query, "rootWorkflowId", "root_workflow_id"),
        column(query, "definitionId", "definition_id"),
        column(query, "version", "version"),
        column(query, "reference", "reference"),
        column(query, "status", "status"),
        column(query, "nextExecution", "next_execution"),
        time(query, "createTime", "create_time"),
        time(query, "completeTime", "complete_time"),
        time(query, "lastHeartbeatAt", "last_heartbeat_at"),
        lease(query, found -> found.sql(String.class, "?", found.attribute("owner")))
            .alias("owner"),
        lease(
                query,
                found -> found.sql(String.class, "cast(? as text)", found.attribute("expiresAt")))
            .alias("expires_at"));
  }

  /** Looks up the lease on each row of the page. A join may read all leases instead. */
  private static Expression<String> lease(
      QueryContext<WorkflowEntity> query,
      Function<QueryContext<WorkflowLeaseEntity>, Expression<String>> selected) {
    return query.lookup(
        WorkflowLeaseEntity.class,
        found -> {
          found.where("(? = ?)", found.attribute("workflowId"), query.attribute("id"));
          found.where(UNEXPIRED, found.attribute("expiresAt"));
        },
        selected);
  }

  @Override
  void filter(QueryContext<WorkflowEntity> query) {
    query.whereStatus(filter.statuses());
    query.whereEqual("definitionId", filter.definitionId());
    if (filter.version() != null) {
      query.where(
          "(? = cast(? as int))", query.attribute("version"), query.parameter(filter.version()));
    }
    query.whereEqual("name", filter.name());
    if (filter.namePrefix() != null) {
      query.where(
          "(? like cast(? as text))",
          query.attribute("name"),
          query.parameter(filter.namePrefix().replaceAll("[\\\\%_]", "\\\\$0") + "%"));
    }
    query.whereEqual("reference", filter.reference());
    query.whereEqual("rootWorkflowId", filter.rootWorkflowId());
    query.whereWithin("createTime", filter.createTime());
    query.whereWithin("completeTime", filter.completeTime());
    query.whereWithinMillis("nextExecution", filter.nextExecution());
    if (filter.unscheduled()) {
      query.where("(? is null)", query.attribute("nextExecution"));
    }
    if (filter.heartbeatBefore() != null) {
      query.whereWithin("lastHeartbeatAt", TimeRange.before(filter.heartbeatBefore()));
    }
    related(query);
    filter.data().forEach(condition -> whereData(query, condition));
  }

  /** Adds the conditions on rows of other tables. */
  private void related(QueryContext<WorkflowEntity> query) {
    Expression<?> id = query.attribute("id");
    LeaseCondition lease = filter.lease();
    if (!(lease instanceof LeaseCondition.Any)) {
      query.whereExists(
          !(lease instanceof LeaseCondition.Unleased),
          WorkflowLeaseEntity.class,
          found -> {
            found.where("(? = ?)", found.attribute("workflowId"), id);
            found.where(UNEXPIRED, found.attribute("expiresAt"));
            if (lease instanceof LeaseCondition.LeasedBy by) {
              found.whereEqual("owner", by.owner());
            }
          });
    }
    if (filter.eventName() != null) {
      query.whereExists(
          true,
          EventSubscriptionEntity.class,
          found -> {
            found.where("(? = ?)", found.attribute("workflowId"), id);
            found.whereEqual("eventName", filter.eventName());
            found.whereEqual("eventKey", filter.eventKey());
          });
    }
    if (filter.failedPointer()) {
      query.whereExists(
          true,
          ExecutionPointerEntity.class,
          found -> {
            found.where("(? = ?)", found.attribute("workflowId"), id);
            found.where("(? = 'Failed')", found.attribute("status"));
          });
    }
    if (filter.errors()) {
      query.whereExists(
          true,
          ExecutionErrorEntity.class,
          found -> found.where("(? = ?)", found.attribute("workflowId"), id));
    }
  }

  private static void whereData(QueryContext<WorkflowEntity> query, DataCondition condition) {
    if (condition instanceof DataCondition.Contains contains) {
      query.where(
          "(? operator(pg_catalog.@>) cast(? as jsonb))",
          query.attribute("data"),
          query.parameter(Objects.requireNonNull(Json.text(contains.part()))));
    } else if (condition instanceof DataCondition.Compares compares) {
      query.where(
          "(? operator(pg_catalog.@@) cast(? as jsonpath))",
          query.attribute("data"),
          query.parameter(jsonPath(compares)));
    }
  }

  /**
   * The condition as a JSON path, in strict mode, in which a member of an array is an error, and an
   * error meets no condition. A JSON null differs from all values in a path, so that NE is LT or
   * GT.
   */
  private static String jsonPath(DataCondition.Compares condition) {
    JsonNode value = condition.value();
    String path =
        condition.path().stream()
            .map(WorkflowQuery::quoted)
            .collect(Collectors.joining(".", "$.", ""));
    String literal =
        value.isNumber() ? "(%s)".formatted(value.decimalValue()) : quoted(value.textValue());
    if (condition.comparison() == Comparison.NE) {
      return "strict %1$s < %2$s || %1$s > %2$s".formatted(path, literal);
    }
    String operator =
        switch (condition.comparison()) {
          case EQ -> "==";
          case NE -> throw new IllegalStateException("Two comparisons");
          case LT -> "<";
          case LE -> "<=";
          case GT -> ">";
          case GE -> ">=";
        };
    return "strict %s %s %s".formatted(path, operator, literal);
  }

  /** A text of JSON is also one of a JSON path. */
  private static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
