package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.SortDirection;
import dev.wfe.postgres.entity.WorkflowHostEntity;
import dev.wfe.postgres.internal.mapping.HostedDefinitions;
import jakarta.persistence.criteria.Selection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hosts, those that count as live for longest first. Thread-safe. */
public final class HostQuery extends EntityQuery<WorkflowHostEntity> {
  private static final String LIVE = "(? > (select clock_timestamp()))";

  private final @Nullable DefinitionVersion definition;

  /**
   * Finds all hosts, or those that are live and execute a definition.
   *
   * @param definition the definition; null for all hosts
   */
  public HostQuery(@Nullable DefinitionVersion definition) {
    super(
        WorkflowHostEntity.class,
        KeyType.TEXT,
        new Sort("expiresAt", KeyType.TIME, false),
        SortDirection.DESCENDING);
    this.definition = definition;
  }

  @Override
  List<Selection<?>> columns(QueryContext<WorkflowHostEntity> query) {
    return List.of(
        column(query, "id", "id"),
        column(query, "name", "name"),
        column(query, "version", "version"),
        time(query, "startedAt", "started_at"),
        time(query, "lastSeenAt", "last_seen_at"),
        time(query, "expiresAt", "expires_at"),
        query.sql(Boolean.class, LIVE, query.attribute("expiresAt")).alias("live"),
        query
            .sql(String.class, "cast(? as text)", query.attribute("definitions"))
            .alias("definitions"));
  }

  @Override
  void filter(QueryContext<WorkflowHostEntity> query) {
    if (definition != null) {
      query.where(LIVE, query.attribute("expiresAt"));
      query.where(
          "(? operator(pg_catalog.@>) cast(? as jsonb))",
          query.attribute("definitions"),
          query.parameter(HostedDefinitions.containing(definition)));
    }
  }
}
