package dev.wfe.memory;

import static java.util.Comparator.comparing;

import dev.wfe.model.CommandName;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.PurgeBatch;
import dev.wfe.persistence.PurgeTarget;
import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import dev.wfe.persistence.RecordPage;
import dev.wfe.persistence.RetentionChecks;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.StoredRecord.OfError;
import dev.wfe.persistence.StoredRecord.OfEvent;
import dev.wfe.persistence.StoredRecord.OfWorkflow;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.ValueLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deletes and reads what is in memory. Each batch sorts a whole table. There are no orphaned
 * leases, because a lease is part of its workflow or event. Thread-safe.
 */
final class MemoryRetentionRepository implements RetentionRepository {
  private static final Comparator<Row> BY_NUMBER =
      comparing((Row row) -> row.position().time())
          .thenComparingLong(row -> Long.parseLong(row.position().id()));

  private static final Comparator<Row> BY_TEXT =
      Comparator.comparing(Row::position, MemoryTables.ORDER);

  private final MemoryTables tables;
  private final MemoryWorkflowRepository workflows;
  private final MemorySubscriptionRepository subscriptions;

  MemoryRetentionRepository(
      MemoryTables tables,
      MemoryWorkflowRepository workflows,
      MemorySubscriptionRepository subscriptions) {
    this.tables = tables;
    this.workflows = workflows;
    this.subscriptions = subscriptions;
  }

  /**
   * A row that a batch or page looks at.
   *
   * @param matches whether it is deleted, or part of the page
   */
  private record Row(
      Position position, boolean matches, Supplier<StoredRecord> stored, Runnable delete) {}

  /** Rows in their order. */
  private record Rows(Comparator<Row> order, List<Row> all) {
    /** Up to the limit, after the position. */
    List<Row> page(int limit, @Nullable Position after) {
      Row first = after == null ? null : new Row(after, false, () -> nothing(after), () -> {});
      return all.stream()
          .filter(row -> first == null || order.compare(row, first) > 0)
          .sorted(order)
          .limit(limit)
          .toList();
    }

    private static StoredRecord nothing(Position position) {
      throw new IllegalStateException("No row is at " + position);
    }
  }

  @Override
  public void deleteWorkflow(String id) {
    ValueLimits.nonNull("deleteWorkflow", "id", id);
    tables.atomically(
        () -> {
          if (tables.workflow(id) == null) {
            throw new NotFoundException(Subject.WORKFLOW, id);
          }
          delete(whole(id));
        });
  }

  @Override
  public void deleteWorkflowByName(String name) {
    ValueLimits.nonNull("deleteWorkflowByName", "name", name);
    tables.atomically(
        () ->
            delete(
                tables.workflowIdByName.of(name).stream()
                    .findFirst()
                    .map(this::whole)
                    .orElseThrow(() -> NotFoundException.workflowNamed(name))));
  }

  @Override
  public PurgeBatch purge(PurgeTarget target, int limit, @Nullable Position after) {
    RetentionChecks.checkBatch("purge", target, limit, after);
    tables.requireIndependent("purge");
    return tables.atomically(
        () -> {
          List<Row> page = rows(target).page(limit, after);
          List<Row> matching = page.stream().filter(Row::matches).toList();
          matching.forEach(row -> row.delete().run());
          return new PurgeBatch(matching.size(), next(page, limit));
        });
  }

  private static @Nullable Position next(List<Row> page, int limit) {
    return page.size() < limit ? null : page.get(page.size() - 1).position();
  }

  @Override
  public int purge(PurgeTarget target, List<StoredRecord> records) {
    RetentionChecks.checkRecords("purge", target, records);
    tables.requireIndependent("purge");
    return tables.atomically(
        () -> records.stream().mapToInt(one -> deleteIfUnchanged(target, one) ? 1 : 0).sum());
  }

  private boolean deleteIfUnchanged(PurgeTarget target, StoredRecord stored) {
    Optional<Row> found =
        rows(target).all().stream()
            .filter(Row::matches)
            .filter(row -> isSame(row.stored().get(), stored))
            .findFirst();
    found.ifPresent(
        row -> {
          if (stored instanceof OfWorkflow workflow) {
            delete(workflow);
          } else {
            row.delete().run();
          }
        });
    return found.isPresent();
  }

  private static boolean isSame(StoredRecord now, StoredRecord read) {
    if (now instanceof OfWorkflow one && read instanceof OfWorkflow other) {
      return Objects.equals(one.instance().revision(), other.instance().revision());
    }
    if (now instanceof OfEvent one && read instanceof OfEvent other) {
      return one.event().id().equals(other.event().id());
    }
    return now instanceof OfError one && read instanceof OfError other && one.id() == other.id();
  }

  @Override
  public int getPurgeableCount(PurgeTarget target, int limit) {
    RetentionChecks.check("getPurgeableCount", target);
    ValueLimits.checkLimit("getPurgeableCount", limit);
    return tables.atomically(
        () -> (int) rows(target).all().stream().filter(Row::matches).limit(limit).count());
  }

  @Override
  public RecordPage getPurgeableRecords(
      PurgeTarget target, int limit, long maxBytes, @Nullable Position after) {
    RetentionChecks.checkPage("getPurgeableRecords", target, limit, maxBytes, after);
    return tables.atomically(() -> records(rows(target), limit, maxBytes, after));
  }

  @Override
  public RecordPage getRecords(
      Subject subject, int limit, long maxBytes, @Nullable Position after) {
    RetentionChecks.checkPage("getRecords", subject, limit, maxBytes, after);
    return tables.atomically(() -> records(rows(subject), limit, maxBytes, after));
  }

  private static RecordPage records(Rows rows, int limit, long maxBytes, @Nullable Position after) {
    List<Row> page = rows.page(limit, after);
    List<StoredRecord> records = new ArrayList<>();
    long bytes = 0;
    for (Row row : page) {
      if (bytes >= maxBytes) {
        break;
      }
      if (row.matches()) {
        StoredRecord stored = row.stored().get();
        records.add(stored);
        bytes += bytes(stored);
      }
      if (bytes >= maxBytes) {
        return new RecordPage(records, row.position());
      }
    }
    return new RecordPage(records, next(page, limit));
  }

  private static long bytes(StoredRecord stored) {
    if (stored instanceof OfWorkflow workflow) {
      return workflow.instance().data().toString().length();
    }
    return stored instanceof OfEvent event
        ? event.event().eventData().toString().length()
        : ((OfError) stored).error().message().length();
  }

  private Rows rows(PurgeTarget target) {
    Instant before = tables.now().minus(target.age());
    if (target instanceof EndedWorkflows workflowTarget) {
      return new Rows(
          BY_TEXT,
          tables.allWorkflows().stream()
              .filter(row -> row.own().status() == workflowTarget.status())
              .map(row -> workflow(row, ended(row), isDue(row, workflowTarget, before)))
              .filter(row -> row.position().time().isBefore(before))
              .toList());
    }
    if (target instanceof ProcessedEvents) {
      return new Rows(
          BY_TEXT,
          tables.allEvents().stream()
              .filter(row -> row.position().time().isBefore(before))
              .map(row -> event(row, row.position().time(), isDone(row)))
              .toList());
    }
    if (target instanceof OldErrors) {
      return new Rows(
          BY_NUMBER,
          tables.errors.byKey().entrySet().stream()
              .filter(row -> row.getValue().errorTime().isBefore(before))
              .map(row -> error(row, row.getValue().errorTime()))
              .toList());
    }
    return orphans((Orphans) target, before);
  }

  private Rows rows(Subject subject) {
    return switch (subject) {
      case WORKFLOW ->
          new Rows(
              BY_TEXT,
              tables.allWorkflows().stream()
                  .map(row -> workflow(row, Instant.EPOCH, true))
                  .toList());
      case EVENT ->
          new Rows(
              BY_TEXT,
              tables.allEvents().stream().map(row -> event(row, Instant.EPOCH, true)).toList());
      default ->
          new Rows(
              BY_NUMBER,
              tables.errors.byKey().entrySet().stream()
                  .map(row -> error(row, Instant.EPOCH))
                  .toList());
    };
  }

  private static Instant ended(WorkflowRow row) {
    return Objects.requireNonNullElseGet(
        row.own().completeTime(), () -> Objects.requireNonNull(row.own().createTime()));
  }

  private static boolean isDue(WorkflowRow row, EndedWorkflows target, Instant before) {
    boolean isOldEnough = row.own().completeTime() != null || row.lastWrite().isBefore(before);
    return isOldEnough
        && (target.definitionId() == null
            || target.definitionId().equals(row.own().workflowDefinitionId()));
  }

  private boolean isDone(EventRow row) {
    return row.event().processed() && !subscriptions.holdBack(row);
  }

  private Row workflow(WorkflowRow row, Instant time, boolean matches) {
    String id = row.own().id();
    return new Row(new Position(time, id), matches, () -> whole(id), () -> delete(whole(id)));
  }

  private Row event(EventRow row, Instant time, boolean matches) {
    String id = row.event().id();
    return new Row(
        new Position(time, id),
        matches,
        () -> new OfEvent(row.event()),
        () -> tables.removeEvent(id));
  }

  private Row error(Map.Entry<Long, ExecutionError> row, Instant time) {
    long id = row.getKey();
    return new Row(
        new Position(time, Long.toString(id)),
        true,
        () -> new OfError(id, row.getValue()),
        () -> tables.errors.remove(id));
  }

  private Rows orphans(Orphans target, Instant before) {
    return switch (target.of()) {
      case COMMANDS ->
          new Rows(
              BY_NUMBER,
              tables.commands.all().stream()
                  .filter(row -> due(row).isBefore(before))
                  .map(row -> orphan(due(row), row))
                  .toList());
      case SUBSCRIPTIONS ->
          new Rows(
              BY_TEXT,
              tables.subscriptions.all().stream().map(one -> orphan(one, before)).toList());
      case WORKFLOW_LEASES, EVENT_LEASES -> new Rows(BY_TEXT, List.of());
    };
  }

  private static Instant due(CommandRow row) {
    return Instant.ofEpochMilli(row.command().executeTime());
  }

  private Row orphan(Instant due, CommandRow row) {
    String data = row.command().data();
    boolean isOrphan =
        row.command().commandName() == CommandName.PROCESS_WORKFLOW
            ? tables.workflow(data) == null
            : tables.event(data) == null;
    Position position = new Position(due, Long.toString(row.number()));
    return new Row(
        position, isOrphan, () -> Rows.nothing(position), () -> tables.commands.remove(row.key()));
  }

  private Row orphan(EventSubscription subscription, Instant before) {
    Position position = new Position(Instant.EPOCH, subscription.id());
    return new Row(
        position,
        subscription.subscribeAsOf().isBefore(before)
            && tables.workflow(subscription.workflowId()) == null,
        () -> Rows.nothing(position),
        () -> tables.subscriptions.remove(subscription.id()));
  }

  private OfWorkflow whole(String id) {
    WorkflowInstance instance = workflows.whole(Objects.requireNonNull(tables.workflow(id)));
    return new OfWorkflow(
        instance,
        subscriptions.ofWorkflow(id).stream().sorted(comparing(EventSubscription::id)).toList(),
        tables.errors.byKey().entrySet().stream()
            .filter(row -> row.getValue().workflowId().equals(id))
            .map(row -> new OfError(row.getKey(), row.getValue()))
            .toList(),
        commandOf(id).map(CommandRow::command).toList());
  }

  private Stream<CommandRow> commandOf(String id) {
    CommandRow.Key key = CommandRow.Key.of(ScheduledCommand.processWorkflow(id, 0));
    return Stream.ofNullable(tables.commands.get(key));
  }

  /** Deletes the workflow and what the record shows. */
  private void delete(OfWorkflow workflow) {
    String id = workflow.instance().id();
    workflow.subscriptions().forEach(one -> tables.subscriptions.remove(one.id()));
    workflow.errors().forEach(one -> tables.errors.remove(one.id()));
    if (!workflow.commands().isEmpty()) {
      commandOf(id).forEach(row -> tables.commands.remove(row.key()));
    }
    tables.removeWorkflow(id);
  }
}
