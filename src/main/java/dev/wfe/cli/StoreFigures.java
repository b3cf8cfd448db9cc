package dev.wfe.cli;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Reads the figures of a store. Every read is bounded: counts are exact up to a number and then
 * estimated, and durations and waits are those of a sample.
 */
final class StoreFigures {
  /** Of ended workflows, and of subscriptions, so many are read. */
  static final int SAMPLE = 10_000;

  /** The length of the lists. */
  static final int ROWS = 20;

  private static final Duration HOURLY = Duration.ofDays(2);

  private final WorkflowQueries queries;
  private final Instant now;
  private final Instant since;
  private final int exactUpTo;

  /**
   * Creates the reader.
   *
   * @param since from when on rates and errors are counted
   */
  StoreFigures(WorkflowQueries queries, Instant now, Instant since, int exactUpTo) {
    this.queries = queries;
    this.now = now;
    this.since = since;
    this.exactUpTo = exactUpTo;
  }

  /** What happened in a span of time. */
  record Span(Instant from, Instant until, RowCount started, RowCount ended, RowCount errors) {}

  /** How long workflows of a definition took. */
  record Durations(
      String definition, long count, Duration p50, Duration p90, Duration p99, Duration greatest) {}

  /** A count with its title. */
  record Figure(String title, RowCount count) {}

  Instant now() {
    return now;
  }

  Instant since() {
    return since;
  }

  int exactUpTo() {
    return exactUpTo;
  }

  /** Whether the spans are hours; otherwise they are days. */
  boolean isHourly() {
    return Duration.between(since, now).compareTo(HOURLY) <= 0;
  }

  /** The hours or days since the beginning. The first one may be a part; the last has not ended. */
  List<Span> spans() {
    ChronoUnit unit = isHourly() ? ChronoUnit.HOURS : ChronoUnit.DAYS;
    List<Span> spans = new ArrayList<>();
    for (Instant from = since, until; from.isBefore(now); from = until) {
      until = from.truncatedTo(unit).plus(unit.getDuration());
      TimeRange range = TimeRange.between(from, until);
      spans.add(
          new Span(
              from,
              until,
              workflows(WorkflowFilter.builder().created(range)),
              workflows(WorkflowFilter.builder().completed(range)),
              queries.countErrors(ErrorFilter.builder().occurred(range).build(), exactUpTo)));
    }
    return spans;
  }

  private RowCount workflows(WorkflowFilter.Builder filter) {
    return queries.countWorkflows(filter.build(), exactUpTo);
  }

  /** What waits to be done, and what is held. */
  List<Figure> backlog() {
    return List.of(
        new Figure("Due, not leased", workflows(due())),
        new Figure("Leased", workflows(WorkflowFilter.builder().leased())),
        new Figure(
            "Suspended", workflows(WorkflowFilter.builder().status(WorkflowStatus.SUSPENDED))),
        new Figure(
            "Unprocessed events",
            queries.countEvents(
                EventFilter.builder().unprocessed().happened(TimeRange.before(now)).build(),
                exactUpTo)),
        new Figure(
            "Due commands",
            queries.countCommands(
                CommandFilter.builder().due(TimeRange.before(now)).build(), exactUpTo)),
        new Figure(
            "Open waits",
            queries.countSubscriptions(SubscriptionFilter.builder().open().build(), exactUpTo)),
        new Figure(
            "Held tokens",
            queries.countSubscriptions(SubscriptionFilter.builder().held().build(), exactUpTo)));
  }

  private WorkflowFilter.Builder due() {
    return WorkflowFilter.builder()
        .status(WorkflowStatus.RUNNABLE)
        .unleased()
        .due(TimeRange.before(now));
  }

  /** The workflows that have been due for longest. */
  List<WorkflowSummary> oldestDue() {
    return queries
        .findWorkflows(
            due().build(),
            WorkflowSort.ascending(WorkflowSort.Column.NEXT_EXECUTION),
            PageRequest.first(ROWS))
        .rows();
  }

  /** The most frequent errors. */
  List<ErrorCount> failures() {
    return queries.countErrorsByMessage(
        ErrorFilter.builder().occurred(TimeRange.from(since)).build(), ROWS);
  }

  /** The tokens that are held. */
  List<SubscriptionSummary> heldTokens() {
    return queries
        .findSubscriptions(
            SubscriptionFilter.builder().held().build(),
            SortDirection.ASCENDING,
            PageRequest.first(ROWS))
        .rows();
  }

  /** Of the first subscriptions by id, those that have waited for longest. */
  List<SubscriptionSummary> longestWaits() {
    return sample(
            after ->
                queries.findSubscriptions(
                    SubscriptionFilter.builder().open().build(), SortDirection.ASCENDING, after))
        .stream()
        .sorted(
            Comparator.comparing(SubscriptionSummary::subscribeAsOf)
                .thenComparing(SubscriptionSummary::id))
        .limit(ROWS)
        .toList();
  }

  /** How long the workflows took that ended last, by definition. */
  List<Durations> durations() {
    Map<String, Histogram> taken = new TreeMap<>();
    WorkflowFilter ended =
        WorkflowFilter.builder()
            .status(WorkflowStatus.COMPLETE)
            .completed(TimeRange.between(since, now))
            .build();
    for (WorkflowSummary one :
        sample(
            after ->
                queries.findWorkflows(
                    ended, WorkflowSort.descending(WorkflowSort.Column.COMPLETE_TIME), after))) {
      Instant end = one.completeTime();
      if (end != null) {
        taken
            .computeIfAbsent(one.workflowDefinitionId(), id -> new Histogram(3))
            .recordValue(Math.max(0, Duration.between(one.createTime(), end).toMillis()));
      }
    }
    return taken.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().getTotalCount()))
        .limit(ROWS)
        .map(
            entry ->
                new Durations(
                    entry.getKey(),
                    entry.getValue().getTotalCount(),
                    percentile(entry.getValue(), 50),
                    percentile(entry.getValue(), 90),
                    percentile(entry.getValue(), 99),
                    Duration.ofMillis(entry.getValue().getMaxValue())))
        .toList();
  }

  private static Duration percentile(Histogram histogram, double percent) {
    return Duration.ofMillis(histogram.getValueAtPercentile(percent));
  }

  private static <T> List<T> sample(Function<PageRequest, CursoredPage<T>> pages) {
    List<T> rows = new ArrayList<>();
    @Nullable String after = null;
    do {
      CursoredPage<T> page = pages.apply(new PageRequest(PageRequest.MAX_LIMIT, after));
      rows.addAll(page.rows());
      after = page.next();
    } while (after != null && rows.size() < SAMPLE);
    return rows;
  }
}
