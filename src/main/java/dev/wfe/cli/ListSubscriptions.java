package dev.wfe.cli;

import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowQueries;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists subscriptions. */
@Command(
    name = "subscriptions",
    description = {
      "Lists what workflows wait for: their subscriptions to events, and the activities that"
          + " workers hold or can take.",
      ""
    })
final class ListSubscriptions extends ListCommand<SubscriptionSummary> {
  /** At most one of them. */
  static final class Holder {
    @Option(names = "--held", description = "that a worker holds")
    private boolean held;

    @Option(names = "--held-by", paramLabel = "WORKER", description = "that this worker holds")
    private @Nullable String worker;

    @Option(names = "--open", description = "that nobody holds")
    private boolean open;
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "EVENT[:KEY]",
      description = "to events of this name, and of this key")
  private @Nullable String topic;

  @Option(names = "--workflow", paramLabel = "ID", description = "of this workflow")
  private @Nullable String workflow;

  @ArgGroup private @Nullable Holder holder;

  @Option(
      names = "--expiring-before",
      paramLabel = "TIME",
      description = "whose token expires before this time: " + PointInTime.FORMS)
  private @Nullable Instant expiringBefore;

  @Override
  List<Column<SubscriptionSummary>> columns() {
    return List.of(
        Column.of("id", SubscriptionSummary::id),
        Column.of("event", SubscriptionSummary::eventName),
        Column.of("key", SubscriptionSummary::eventKey),
        Column.of("workflow", SubscriptionSummary::workflowId),
        Column.of("step", SubscriptionSummary::executionPointerId),
        Column.of("since", SubscriptionSummary::subscribeAsOf),
        Column.of("held", SubscriptionSummary::held),
        Column.of("worker", SubscriptionSummary::workerId),
        Column.of("tokenExpires", SubscriptionSummary::tokenExpiry));
  }

  private SubscriptionFilter filter() {
    Topics.Parts parts = topic == null ? null : Topics.parse(topic);
    return new SubscriptionFilter(
        workflow,
        parts == null ? null : parts.name(),
        parts == null ? null : parts.key(),
        holder == null ? null : holder.worker,
        holder == null ? null : holder.held || !holder.open,
        new TimeRange(null, expiringBefore));
  }

  @Override
  CursoredPage<SubscriptionSummary> page(WorkflowQueries queries, PageRequest page) {
    return queries.findSubscriptions(filter(), SortDirection.ASCENDING, page);
  }

  @Override
  RowCount count(WorkflowQueries queries, int exactUpTo) {
    return queries.countSubscriptions(filter(), exactUpTo);
  }
}
