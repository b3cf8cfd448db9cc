package dev.wfe.cli;

import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowQueries;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists events. */
@Command(
    name = "events",
    description = {"Lists events, the newest first.", ""})
final class ListEvents extends ListCommand<EventSummary> {
  /** At most one of them. */
  static final class Delivery {
    @Option(names = "--processed", description = "that were delivered")
    private boolean processed;

    @Option(names = "--unprocessed", description = "that were not delivered")
    private boolean unprocessed;
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "EVENT[:KEY]",
      description = "of this name, and of this key")
  private @Nullable String topic;

  @ArgGroup private @Nullable Delivery delivery;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "happened at or after: " + PointInTime.FORMS)
  private @Nullable Instant since;

  @Option(names = "--until", paramLabel = "TIME", description = "happened before")
  private @Nullable Instant until;

  @Option(names = "--oldest-first", description = "the oldest first")
  private boolean oldestFirst;

  @Override
  List<Column<EventSummary>> columns() {
    return List.of(
        Column.of("id", EventSummary::id),
        Column.of("event", EventSummary::eventName),
        Column.of("key", EventSummary::eventKey),
        Column.of("time", EventSummary::eventTime),
        Column.of("processed", EventSummary::processed));
  }

  private EventFilter filter() {
    Topics.Parts parts = topic == null ? null : Topics.parse(topic);
    return new EventFilter(
        parts == null ? null : parts.name(),
        parts == null ? null : parts.key(),
        new TimeRange(since, until),
        delivery == null ? null : delivery.processed || !delivery.unprocessed);
  }

  @Override
  CursoredPage<EventSummary> page(WorkflowQueries queries, PageRequest page) {
    return queries.findEvents(filter(), direction(!oldestFirst), page);
  }

  @Override
  RowCount count(WorkflowQueries queries, int exactUpTo) {
    return queries.countEvents(filter(), exactUpTo);
  }
}
