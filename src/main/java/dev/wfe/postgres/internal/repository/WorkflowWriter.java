package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.LeaseLostException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.sql.WorkflowBatchSql.Outcome;
import dev.wfe.postgres.internal.sql.WorkflowBatchSql.Use;
import dev.wfe.postgres.internal.sql.WorkflowChange;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import dev.wfe.postgres.internal.transaction.ConflictingWrite;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Makes planned writes, one or many. Thread-safe. */
final class WorkflowWriter {
  private final TransactionScope scope;
  private final StoreSql sql;
  private final WriteGroups groups;

  WorkflowWriter(TransactionScope scope, StoreSql sql, WriteGroups groups) {
    this.scope = scope;
    this.sql = sql;
    this.groups = groups;
  }

  /**
   * Makes one write, together with those of other callers if it may share a commit.
   *
   * @param bytes the size of its text and JSON
   */
  <T> T write(PlannedWrite<T> planned, long bytes) {
    try (WriteGroups.Turn<T> turn = groups.await(scope, planned, bytes)) {
      return turn.isAnswered()
          ? turn.answer()
          : scope.run(planned.operation(), statements -> write(statements, planned));
    }
  }

  private <T> T write(StatementExecutor statements, PlannedWrite<T> planned) throws SQLException {
    WorkflowChange change = planned.change();
    try {
      return statements.write(
          planned.operation(),
          change.update() == null ? creation(statements, planned) : update(statements, planned));
    } catch (SQLException error) {
      // The caller's transaction has a stricter isolation level and cannot see the current row.
      Update update = change.update();
      if (update != null && update.isGuarded() && SqlErrors.isSerializationFailure(error)) {
        throw new StaleRevisionException(update.instance().id());
      }
      throw error;
    }
  }

  private <T> ConflictingWrite<T> creation(StatementExecutor statements, PlannedWrite<T> planned) {
    WorkflowChange change = planned.change();
    return new ConflictingWrite<>(
        sql.creations().statement(change),
        sql.creations().statementOrFail(change),
        change.needsSavepoint(),
        parameters -> sql.creations().bind(parameters, change),
        row -> planned.result().apply(sql.creations().read(row)),
        () -> conflict(statements, change));
  }

  private <T> ConflictingWrite<T> update(StatementExecutor statements, PlannedWrite<T> planned) {
    WorkflowChange change = planned.change();
    return ConflictingWrite.of(
        sql.writes().statement(change, statements.commits()),
        change.needsSavepoint(),
        parameters -> sql.writes().bind(parameters, change),
        row -> planned.result().apply(sql.writes().read(row, change)),
        () -> conflict(statements, change));
  }

  private Optional<StoreException> conflict(StatementExecutor statements, WorkflowChange change)
      throws SQLException {
    return statements.one(
        sql.writeConflicts().query(change),
        parameters -> sql.writeConflicts().bind(parameters, change),
        row -> sql.writeConflicts().read(row, change));
  }

  /**
   * Makes many writes in one statement.
   *
   * @param name the name of the operation
   * @param list the name of its parameter
   * @param check checks an element as the single operation does
   * @param plan plans the write of a checked element
   * @return one result for each element, in order
   */
  <E, T> List<ItemResult<T>> writeAll(
      String name,
      String list,
      List<E> elements,
      ToLongFunction<E> check,
      Function<E, PlannedWrite<T>> plan) {
    List<@Nullable InvalidValueException> refusals =
        ValueLimits.checkEach(name, list, elements, check);
    Batch<T> batch = new Batch<>(name, elements.size());
    for (int i = 0; i < elements.size(); i++) {
      InvalidValueException refusal = refusals.get(i);
      if (refusal == null) {
        batch.add(i, plan.apply(elements.get(i)));
      } else {
        batch.refuse(i, refusal);
      }
    }
    return batch.run();
  }

  /**
   * The writes of one call. All that cannot collide with an earlier one are made in one statement.
   * Then the others follow, one by one: those that collide with an earlier write of the batch, and
   * those that the statement refused because a key is taken, to find out which. If the statement
   * fails because of its rows, it is repeated with each half of them.
   */
  private final class Batch<T> {
    private record Element<T>(int index, PlannedWrite<T> planned) {}

    private final String name;
    private final List<@Nullable ItemResult<T>> results;
    private final List<Element<T>> together = new ArrayList<>();
    private final List<Element<T>> afterwards = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();
    private boolean committed;

    Batch(String name, int size) {
      this.name = name;
      results = new ArrayList<>(Collections.nCopies(size, null));
    }

    void add(int index, PlannedWrite<T> planned) {
      boolean alone = false;
      for (String key : planned.change().keys()) {
        alone |= !keys.add(key);
      }
      (alone ? afterwards : together).add(new Element<>(index, planned));
    }

    void refuse(int index, StoreException reason) {
      results.set(index, new ItemResult.Refused<>(reason));
    }

    List<ItemResult<T>> run() {
      if (!together.isEmpty()) {
        make(together);
      }
      afterwards.forEach(this::makeAlone);
      return results.stream().<ItemResult<T>>map(Objects::requireNonNull).toList();
    }

    private void make(List<Element<T>> elements) {
      if (elements.size() == 1) {
        makeAlone(elements.get(0));
        return;
      }
      Optional<List<Outcome>> outcomes;
      try {
        outcomes = scope.run(operation(elements), statements -> execute(statements, elements));
      } catch (StoreException failure) {
        elements.forEach(element -> fail(element, failure));
        return;
      }
      if (outcomes.isEmpty()) {
        int half = elements.size() / 2;
        make(elements.subList(0, half));
        make(elements.subList(half, elements.size()));
        return;
      }
      for (int i = 0; i < elements.size(); i++) {
        settle(elements.get(i), outcomes.get().get(i));
      }
    }

    private Operation operation(List<Element<T>> elements) {
      List<String> ids =
          elements.stream().flatMap(element -> element.planned().change().ids().stream()).toList();
      return elements.stream().allMatch(element -> element.planned().operation().safeToRepeat())
          ? Operation.repeatable(name, ids)
          : Operation.writing(name, ids);
    }

    private Optional<List<Outcome>> execute(StatementExecutor statements, List<Element<T>> elements)
        throws SQLException {
      List<WorkflowChange> changes =
          elements.stream().map(element -> element.planned().change()).toList();
      Optional<List<Outcome>> outcomes =
          statements.writeMany(
              sql.batches()
                  .statement(changes, statements.commits() ? Use.INDEPENDENT : Use.JOINING),
              parameters -> sql.batches().bind(parameters, changes),
              rows -> sql.batches().read(rows, changes));
      committed |= outcomes.isPresent() && statements.commits();
      return outcomes;
    }

    private void settle(Element<T> element, Outcome outcome) {
      PlannedWrite<T> planned = element.planned();
      if (outcome.written() != null) {
        T result = planned.result().apply(outcome.written());
        results.set(element.index(), new ItemResult.Written<>(result));
        return;
      }
      Update update = planned.change().update();
      Optional<StoreException> refusal =
          update == null ? Optional.empty() : update.refusal(outcome.revision(), outcome.leased());
      refusal.ifPresentOrElse(
          reason -> refuse(element.index(), reason), () -> afterwards.add(element));
    }

    private void makeAlone(Element<T> element) {
      try {
        T result =
            scope.run(
                element.planned().operation(),
                statements -> {
                  T written = write(statements, element.planned());
                  committed |= statements.commits();
                  return written;
                });
        results.set(element.index(), new ItemResult.Written<>(result));
      } catch (StoreException failure) {
        fail(element, failure);
      }
    }

    /**
     * Refuses the element, or throws the failure if it is not about the element and no other
     * element has been written yet.
     */
    private void fail(Element<T> element, StoreException failure) {
      boolean aboutElement =
          failure instanceof DuplicateException
              || failure instanceof NotFoundException
              || failure instanceof StaleRevisionException
              || failure instanceof LeaseLostException
              || failure instanceof InvalidValueException
              || failure instanceof StoreFailureException;
      if (!aboutElement && !committed) {
        throw failure;
      }
      refuse(element.index(), failure);
    }
  }
}
