package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.Subject;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** A write that something in the tables may be in the way of, such as an id that is taken. */
final class ConflictingWrite {
  /** How often what is in the way may be gone when it is looked for. */
  private static final int MAX_ATTEMPTS = 3;

  private ConflictingWrite() {}

  /** Tries to write; is told whether this is the last time. */
  interface Attempts<T> {
    Statements.Attempt<T> make(boolean last) throws SQLException;
  }

  /** Looks for what is in the way; empty when there is nothing now. */
  interface Reason {
    Optional<StoreException> find() throws SQLException;
  }

  /**
   * What the first attempt that wrote has read.
   *
   * @throws StoreException the reason that was found; if none is found again and again, something
   *     that others added to the tables is in the way, and that is not retryable
   */
  static <T> T run(String verb, List<String> ids, Attempts<T> attempts, Reason reason)
      throws SQLException {
    for (int number = 1; ; number++) {
      boolean last = number == MAX_ATTEMPTS;
      Statements.Attempt<T> attempt = attempts.make(last);
      if (attempt.row().isPresent()) {
        return attempt.row().get();
      }
      Optional<StoreException> found = reason.find();
      if (found.isPresent()) {
        throw found.get();
      }
      if (last) {
        throw SqlErrors.withheld(verb, ids, attempt.conflict());
      }
    }
  }

  /**
   * Writes the row of the id; only if none was written is it looked for. Gives 1.
   *
   * @throws NotFoundException if there is no such row
   */
  static int ofRow(
      String verb, Statements statements, NamedSql write, NamedSql look, Subject subject, String id)
      throws SQLException {
    NamedSql.Binder binder = parameters -> parameters.text("id", id);
    return run(
        verb,
        List.of(id),
        last ->
            new Statements.Attempt<>(
                Optional.of(statements.update(write, binder)).filter(rows -> rows > 0),
                Optional.empty()),
        () ->
            statements.first(look, binder, rows -> id).isPresent()
                ? Optional.empty()
                : Optional.of(new NotFoundException(subject, id)));
  }
}
