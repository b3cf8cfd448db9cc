package dev.wfe.postgres.internal.repository;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.StoreSql;
import dev.wfe.postgres.internal.sql.WorkflowBatchSql.Outcome;
import dev.wfe.postgres.internal.sql.WorkflowBatchSql.Use;
import dev.wfe.postgres.internal.sql.WorkflowChange;
import dev.wfe.postgres.internal.sql.WorkflowChange.Update;
import dev.wfe.postgres.internal.transaction.GroupCommit;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes writes of concurrent callers in one statement and one commit. A write that the group cannot
 * make is made by its caller, alone: because its rows are locked, because it collides with another
 * write, or because the group's transaction failed. So each caller gets the result, or the
 * exception, that it would have got without the group. Thread-safe.
 */
public final class WriteGroups implements AutoCloseable {
  private final GroupCommit<Write<?>> groups;
  private final TransactionScope scope;
  private final StoreSql sql;

  /**
   * Creates groups.
   *
   * @param maxWrites how many writes share a commit at most; 1 if each has its own
   * @param waits how long writes wait for each other
   * @param scope where they run: in transactions of their own, without retries
   */
  public WriteGroups(int maxWrites, GroupCommit.Waits waits, TransactionScope scope, StoreSql sql) {
    this.groups = new GroupCommit<>(maxWrites, waits, this::runTogether);
    this.scope = scope;
    this.sql = sql;
  }

  /**
   * The turn of a write. If it is answered, a group has made the write. Otherwise the caller makes
   * it, and closes the turn.
   */
  interface Turn<T> extends AutoCloseable {
    boolean isAnswered();

    /**
     * Returns the result.
     *
     * @throws StoreException if the write was refused
     */
    T answer();

    @Override
    void close();
  }

  /** A write that may be made by a group. */
  private final class Write<T> extends GroupCommit.Call implements Turn<T> {
    private final PlannedWrite<T> planned;
    private final long bytes;
    private @Nullable Supplier<T> answer;
    private boolean inFlight;

    Write(PlannedWrite<T> planned, long bytes) {
      this.planned = planned;
      this.bytes = bytes;
    }

    @Override
    protected long bytes() {
      return bytes;
    }

    private Operation operation() {
      return planned.operation();
    }

    private WorkflowChange change() {
      return planned.change();
    }

    /** Answers the caller if the outcome says what to answer. */
    private void settle(Outcome outcome) {
      if (outcome.written() != null) {
        answer(() -> planned.result().apply(outcome.written()));
      } else if (refusal(outcome).isPresent()) {
        fail(() -> refusal(outcome).orElseThrow());
      }
    }

    private Optional<StoreException> refusal(Outcome outcome) {
      Update update = change().update();
      return update == null
          ? Optional.empty()
          : update.refusal(outcome.revision(), outcome.leased());
    }

    /** The caller's thread creates the exception, so that the stack trace is the caller's. */
    private void fail(Supplier<StoreException> failure) {
      answer(
          () -> {
            throw failure.get();
          });
    }

    private void answer(Supplier<T> given) {
      answer = given;
      answered();
    }

    @Override
    public boolean isAnswered() {
      return answer != null;
    }

    @Override
    public T answer() {
      return Objects.requireNonNull(answer).get();
    }

    @Override
    public void close() {
      if (inFlight) {
        groups.land(this);
      }
    }
  }

  /**
   * Waits until it is the write's turn. A write that may not share a commit does not wait.
   *
   * @param scope where the caller makes it
   * @param bytes the size of its text and JSON
   */
  <T> Turn<T> await(TransactionScope scope, PlannedWrite<T> planned, long bytes) {
    Write<T> write = new Write<>(planned, bytes);
    Update update = planned.change().update();
    if (scope.isIndependent() && (update == null || update.isGuarded())) {
      GroupCommit.Turn turn = groups.await(write);
      write.inFlight = turn == GroupCommit.Turn.IN_FLIGHT;
      if (turn == GroupCommit.Turn.INTERRUPTED) {
        throw unknownOutcome(write, new InterruptedException());
      }
    }
    return write;
  }

  private static UnknownOutcomeException unknownOutcome(Write<?> write, Throwable cause) {
    Operation operation = write.operation();
    return new UnknownOutcomeException(
        operation.name(), operation.safeToRepeat(), operation.ids(), cause);
  }

  /** Writes that have a key in common with an earlier one are left to their callers. */
  private void runTogether(List<Write<?>> writes) {
    Set<String> keys = new HashSet<>();
    List<Write<?>> distinct = new ArrayList<>();
    for (Write<?> write : writes) {
      List<String> own = write.change().keys();
      if (own.stream().noneMatch(keys::contains)) {
        keys.addAll(own);
        distinct.add(write);
      }
    }
    runDistinct(distinct);
  }

  private void runDistinct(List<Write<?>> writes) {
    if (writes.size() < 2) {
      return;
    }
    Optional<List<Outcome>> outcomes;
    try {
      outcomes = scope.run(operation(writes), statements -> execute(statements, writes));
    } catch (UnknownOutcomeException unknown) {
      writes.forEach(write -> write.fail(() -> unknownOutcome(write, unknown)));
      return;
    } catch (StoreException notStored) {
      return;
    } catch (RuntimeException | Error failure) {
      writes.forEach(write -> write.fail(() -> unknownOutcome(write, failure)));
      return;
    }
    if (outcomes.isPresent()) {
      for (int i = 0; i < writes.size(); i++) {
        writes.get(i).settle(outcomes.get().get(i));
      }
    } else {
      int half = writes.size() / 2;
      runDistinct(writes.subList(0, half));
      runDistinct(writes.subList(half, writes.size()));
    }
  }

  private static Operation operation(List<Write<?>> writes) {
    List<String> ids = writes.stream().flatMap(write -> write.operation().ids().stream()).toList();
    return Operation.writing("write", ids);
  }

  private Optional<List<Outcome>> execute(StatementExecutor statements, List<Write<?>> writes)
      throws SQLException {
    List<WorkflowChange> changes = new ArrayList<>();
    writes.forEach(write -> changes.add(write.change()));
    return statements.writeMany(
        sql.batches().statement(changes, Use.SHARED),
        parameters -> sql.batches().bind(parameters, changes),
        rows -> sql.batches().read(rows, changes));
  }

  /** Later writes are made without a group. */
  @Override
  public void close() {
    groups.close();
  }
}
