package dev.wfe.memory;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;
import static java.util.Comparator.reverseOrder;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.HostChecks;
import dev.wfe.persistence.LeaseCondition;
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
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.persistence.WorkflowSummary.HeldLease;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds in memory what is stored, by looking at all of it. Thread-safe. */
final class MemoryWorkflowQueries implements WorkflowQueries {
  private final MemoryTables tables;

  MemoryWorkflowQueries(MemoryTables tables) {
    this.tables = tables;
  }

  /** A row, and by what it is sorted: texts whose order is that of the values. */
  private record Sorted<T>(@Nullable String key, String id, T row) {}

  private <T> CursoredPage<T> page(
      String operation,
      List<Object> query,
      SortDirection direction,
      PageRequest page,
      Supplier<Stream<Sorted<T>>> rows) {
    String described = operation + query;
    PageCursor after =
        page.after() == null ? null : PageCursor.decode(operation, described, page.after());
    Comparator<String> order =
        direction == SortDirection.ASCENDING ? naturalOrder() : reverseOrder();
    Comparator<Sorted<?>> byKey = comparing(Sorted::key, nullsLast(order));
    Comparator<Sorted<?>> sort = byKey.thenComparing(Sorted::id, order);
    List<Sorted<T>> found =
        tables.atomically(
            () ->
                rows.get()
                    .filter(
                        row ->
                            after == null
                                || sort.compare(row, new Sorted<>(after.key(), after.id(), "")) > 0)
                    .sorted(sort)
                    .limit(page.limit() + 1L)
                    .toList());
    boolean hasMore = found.size() > page.limit();
    List<Sorted<T>> shown = hasMore ? found.subList(0, page.limit()) : found;
    Sorted<T> last = hasMore ? shown.get(shown.size() - 1) : null;
    return new CursoredPage<>(
        shown.stream().map(Sorted::row).toList(),
        last == null ? null : new PageCursor(last.key(), last.id()).encode(described));
  }

  private RowCount count(Supplier<Stream<?>> rows) {
    return new RowCount(tables.atomically(() -> rows.get().count()), false);
  }

  /** A text that sorts as the number. */
  private static String sortable(long number) {
    return "%016x".formatted(number ^ Long.MIN_VALUE);
  }

  private static @Nullable String sortable(@Nullable Instant instant) {
    return instant == null
        ? null
        : sortable(instant.getEpochSecond()) + sortable((long) instant.getNano());
  }

  /** Whether nothing is wanted, or this. */
  private static boolean isWanted(@Nullable Object wanted, @Nullable Object actual) {
    return wanted == null || wanted.equals(actual);
  }

  private static boolean isWithin(TimeRange range, @Nullable Long epochMillis) {
    return range.contains(epochMillis == null ? null : Instant.ofEpochMilli(epochMillis));
  }

  @Override
  public CursoredPage<WorkflowSummary> findWorkflows(
      WorkflowFilter filter, WorkflowSort sort, PageRequest page) {
    ValueLimits.checkFind("findWorkflows", filter, sort, page);
    return page(
        "findWorkflows",
        List.of(filter, sort),
        sort.direction(),
        page,
        () ->
            matching(filter)
                .map(
                    row ->
                        new Sorted<>(key(sort.column(), row.own()), row.own().id(), shown(row))));
  }

  @Override
  public RowCount countWorkflows(WorkflowFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countWorkflows", filter, exactUpTo);
    return count(() -> matching(filter));
  }

  private static @Nullable String key(WorkflowSort.Column column, WorkflowInstance instance) {
    Long due = instance.nextExecution();
    return switch (column) {
      case ID -> "";
      case NAME -> instance.name();
      case CREATE_TIME -> sortable(instance.createTime());
      case COMPLETE_TIME -> sortable(instance.completeTime());
      case NEXT_EXECUTION -> due == null ? null : sortable((long) due);
    };
  }

  private WorkflowSummary shown(WorkflowRow row) {
    WorkflowInstance own = row.own();
    Lease lease = valid(row.lease());
    return new WorkflowSummary(
        own.id(),
        own.name(),
        own.rootWorkflowId(),
        own.workflowDefinitionId(),
        own.version(),
        own.reference(),
        own.status(),
        own.nextExecution(),
        Objects.requireNonNull(own.createTime()),
        own.completeTime(),
        row.lastWrite(),
        lease == null ? null : new HeldLease(lease.owner(), lease.expiry()));
  }

  private @Nullable Lease valid(@Nullable Lease lease) {
    return lease != null && lease.isValidAt(tables.now()) ? lease : null;
  }

  private Stream<WorkflowRow> matching(WorkflowFilter filter) {
    return tables.allWorkflows().stream().filter(row -> matches(filter, row));
  }

  private boolean matches(WorkflowFilter filter, WorkflowRow row) {
    WorkflowInstance own = row.own();
    Instant heartbeatBefore = filter.heartbeatBefore();
    return (filter.statuses().isEmpty() || filter.statuses().contains(own.status()))
        && isWanted(filter.definitionId(), own.workflowDefinitionId())
        && isWanted(filter.version(), own.version())
        && isWanted(filter.name(), own.name())
        && own.name().startsWith(Objects.requireNonNullElse(filter.namePrefix(), ""))
        && isWanted(filter.reference(), own.reference())
        && isWanted(filter.rootWorkflowId(), own.rootWorkflowId())
        && filter.createTime().contains(own.createTime())
        && filter.completeTime().contains(own.completeTime())
        && isWithin(filter.nextExecution(), own.nextExecution())
        && (!filter.unscheduled() || own.nextExecution() == null)
        && (heartbeatBefore == null || row.lastWrite().isBefore(heartbeatBefore))
        && isMet(filter.lease(), valid(row.lease()))
        && waits(filter, own.id())
        && (!filter.failedPointer() || hasFailedPointer(own.id()))
        && (!filter.errors() || hasErrors(own.id()))
        && filter.data().stream().allMatch(condition -> JsonMatches.isMet(condition, own.data()));
  }

  private static boolean isMet(LeaseCondition condition, @Nullable Lease lease) {
    if (condition instanceof LeaseCondition.LeasedBy by) {
      return lease != null && lease.owner().equals(by.owner());
    }
    return condition instanceof LeaseCondition.Any
        || condition instanceof LeaseCondition.Leased == (lease != null);
  }

  private boolean waits(WorkflowFilter filter, String id) {
    return filter.eventName() == null
        || tables.subscriptionsByWorkflow.of(id).stream()
            .anyMatch(
                subscription ->
                    isWanted(filter.eventName(), subscription.eventName())
                        && isWanted(filter.eventKey(), subscription.eventKey()));
  }

  private boolean hasFailedPointer(String id) {
    return tables.pointersByWorkflow.of(id).stream()
        .anyMatch(row -> row.pointer().status() == PointerStatus.FAILED);
  }

  private boolean hasErrors(String id) {
    return tables.errors.all().stream().anyMatch(error -> error.workflowId().equals(id));
  }

  @Override
  public CursoredPage<EventSummary> findEvents(
      EventFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findEvents", filter, direction, page);
    return page(
        "findEvents",
        List.of(filter, direction),
        direction,
        page,
        () ->
            matching(filter)
                .map(event -> new Sorted<>(sortable(event.eventTime()), event.id(), shown(event))));
  }

  @Override
  public RowCount countEvents(EventFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countEvents", filter, exactUpTo);
    return count(() -> matching(filter));
  }

  private Stream<Event> matching(EventFilter filter) {
    return tables.allEvents().stream()
        .map(EventRow::event)
        .filter(
            event ->
                isWanted(filter.eventName(), event.eventName())
                    && isWanted(filter.eventKey(), event.eventKey())
                    && filter.eventTime().contains(event.eventTime())
                    && isWanted(filter.processed(), event.processed()));
  }

  private static EventSummary shown(Event event) {
    return new EventSummary(
        event.id(),
        event.eventName(),
        event.eventKey(),
        Objects.requireNonNull(event.eventTime()),
        event.processed());
  }

  @Override
  public CursoredPage<SubscriptionSummary> findSubscriptions(
      SubscriptionFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findSubscriptions", filter, direction, page);
    return page(
        "findSubscriptions",
        List.of(filter, direction),
        direction,
        page,
        () -> matching(filter).map(found -> new Sorted<>("", found.id(), shown(found))));
  }

  @Override
  public RowCount countSubscriptions(SubscriptionFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countSubscriptions", filter, exactUpTo);
    return count(() -> matching(filter));
  }

  private Stream<EventSubscription> matching(SubscriptionFilter filter) {
    return tables.subscriptions.all().stream()
        .filter(
            subscription ->
                isWanted(filter.workflowId(), subscription.workflowId())
                    && isWanted(filter.eventName(), subscription.eventName())
                    && isWanted(filter.eventKey(), subscription.eventKey())
                    && isWanted(filter.workerId(), subscription.externalWorkerId())
                    && isWanted(filter.held(), isHeld(subscription))
                    && filter.tokenExpiry().contains(subscription.externalTokenExpiry()));
  }

  private boolean isHeld(EventSubscription subscription) {
    return MemorySubscriptionRepository.isHeldAt(tables.now(), subscription);
  }

  private SubscriptionSummary shown(EventSubscription subscription) {
    return new SubscriptionSummary(
        subscription.id(),
        subscription.workflowId(),
        subscription.stepId(),
        subscription.executionPointerId(),
        subscription.eventName(),
        subscription.eventKey(),
        subscription.subscribeAsOf(),
        subscription.externalWorkerId(),
        subscription.externalTokenExpiry(),
        isHeld(subscription));
  }

  @Override
  public CursoredPage<ScheduledCommand> findCommands(
      CommandFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findCommands", filter, direction, page);
    return page(
        "findCommands",
        List.of(filter, direction),
        direction,
        page,
        () ->
            matching(filter)
                .map(
                    row ->
                        new Sorted<>(
                            sortable(row.command().executeTime()),
                            sortable(row.number()),
                            row.command())));
  }

  @Override
  public RowCount countCommands(CommandFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countCommands", filter, exactUpTo);
    return count(() -> matching(filter));
  }

  private Stream<CommandRow> matching(CommandFilter filter) {
    return tables.commands.all().stream()
        .filter(
            row ->
                isWanted(filter.commandName(), row.command().commandName())
                    && isWanted(filter.data(), row.command().data())
                    && isWithin(filter.executeTime(), row.command().executeTime()));
  }

  @Override
  public CursoredPage<StoredError> findErrors(
      ErrorFilter filter, SortDirection direction, PageRequest page) {
    ValueLimits.checkFind("findErrors", filter, direction, page);
    return page(
        "findErrors",
        List.of(filter, direction),
        direction,
        page,
        () ->
            matching(filter)
                .map(
                    found ->
                        new Sorted<>(
                            sortable(found.error().errorTime()), sortable(found.id()), found)));
  }

  @Override
  public RowCount countErrors(ErrorFilter filter, int exactUpTo) {
    ValueLimits.checkCount("countErrors", filter, exactUpTo);
    return count(() -> matching(filter));
  }

  private Stream<StoredError> matching(ErrorFilter filter) {
    return tables.errors.byKey().entrySet().stream()
        .map(entry -> new StoredError(entry.getKey(), entry.getValue()))
        .filter(found -> matches(filter, found.error()));
  }

  private boolean matches(ErrorFilter filter, ExecutionError error) {
    return isWanted(filter.workflowId(), error.workflowId())
        && isWanted(filter.executionPointerId(), error.executionPointerId())
        && filter.errorTime().contains(error.errorTime())
        && isWanted(filter.message(), error.message())
        && isWanted(filter.definitionId(), definitionOf(error));
  }

  private @Nullable String definitionOf(ExecutionError error) {
    WorkflowRow row = tables.workflow(error.workflowId());
    return row == null ? null : row.own().workflowDefinitionId();
  }

  /** What errors that are counted together have in common. */
  private record Kind(@Nullable String definitionId, String message) {
    private static final Comparator<Kind> ORDER =
        comparing(Kind::definitionId, nullsLast(Comparator.<String>naturalOrder()))
            .thenComparing(Kind::message);
  }

  @Override
  public LimitUsage getLimitUsage(String workflowId, @Nullable Duration period) {
    HostChecks.checkUsage(workflowId, period);
    return tables.atomically(
        () -> {
          WorkflowRow row = tables.workflow(workflowId);
          if (row == null) {
            throw new NotFoundException(Subject.WORKFLOW, workflowId);
          }
          return MemoryLimits.usage(tables, row, period);
        });
  }

  @Override
  public List<ErrorCount> countErrorsByMessage(ErrorFilter filter, int limit) {
    ValueLimits.checkErrorCounts(filter, limit);
    return tables.atomically(
        () -> {
          Map<Kind, ErrorCount> counts = new HashMap<>();
          matching(filter)
              .map(StoredError::error)
              .forEach(
                  error ->
                      counts.merge(
                          new Kind(definitionOf(error), beginning(error.message())),
                          new ErrorCount(
                              definitionOf(error),
                              beginning(error.message()),
                              1,
                              error.errorTime()),
                          MemoryWorkflowQueries::sum));
          return counts.entrySet().stream()
              .sorted(
                  Comparator.<Map.Entry<Kind, ErrorCount>>comparingLong(
                          entry -> -entry.getValue().count())
                      .thenComparing(Map.Entry::getKey, Kind.ORDER))
              .map(Map.Entry::getValue)
              .limit(limit)
              .toList();
        });
  }

  private static ErrorCount sum(ErrorCount one, ErrorCount other) {
    Instant latest = one.latest().isAfter(other.latest()) ? one.latest() : other.latest();
    return new ErrorCount(one.definitionId(), one.message(), one.count() + other.count(), latest);
  }

  /** Counts characters as the database does, which knows no surrogates. */
  private static String beginning(String message) {
    return message.codePointCount(0, message.length()) <= ErrorCount.MESSAGE_CHARS
        ? message
        : message.substring(0, message.offsetByCodePoints(0, ErrorCount.MESSAGE_CHARS));
  }
}
