package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.SortDirection;
import dev.wfe.postgres.entity.ScheduledCommandEntity;
import jakarta.persistence.criteria.Selection;
import java.util.List;

/** Scheduled commands that meet a filter. Thread-safe. */
public final class CommandQuery extends EntityQuery<ScheduledCommandEntity> {
  private final CommandFilter filter;

  /** The commands of the filter, by the time when they are due. */
  public CommandQuery(CommandFilter filter, SortDirection direction) {
    super(
        ScheduledCommandEntity.class,
        KeyType.BIGINT,
        new Sort("executeTime", KeyType.BIGINT, false),
        direction);
    this.filter = filter;
  }

  @Override
  List<Selection<?>> columns(QueryContext<ScheduledCommandEntity> query) {
    return List.of(
        column(query, "id", "id"),
        column(query, "commandName", "command_name"),
        column(query, "data", "data"),
        column(query, "executeTime", "execute_time"));
  }

  @Override
  void filter(QueryContext<ScheduledCommandEntity> query) {
    if (filter.commandName() != null) {
      query.whereEqual("commandName", filter.commandName().word());
    }
    query.whereEqual("data", filter.data());
    query.whereWithinMillis("executeTime", filter.executeTime());
  }
}
