package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.postgres.internal.sql.Deadlines;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.sql.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.hibernate.JDBCException;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;

/**
 * Runs work on the connection of a Hibernate session, each piece committed by itself, and turns
 * what goes wrong into the failures that callers know. What was certainly not done, for a reason
 * that passes, is tried again for a while. Thread-safe.
 */
public final class Database implements AutoCloseable {
  private final SessionFactory factory;
  private final Deadlines deadlines;
  private final Retries retries;

  /**
   * Over the factory.
   *
   * @param statementTimeout after which statements are cancelled; zero for never
   * @param retryTimeout after which nothing is tried again; zero for no second try
   */
  public Database(SessionFactory factory, Duration statementTimeout, Duration retryTimeout) {
    this.factory = factory;
    this.deadlines = new Deadlines(statementTimeout);
    this.retries = new Retries(retryTimeout);
  }

  /** Work by statements on one connection. */
  @FunctionalInterface
  interface Work<T> {
    T by(Statements statements) throws SQLException;
  }

  @FunctionalInterface
  private interface ConnectionWork<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Carries an error through Hibernate, which would log it. */
  private static final class Carried extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final SQLException error;

    Carried(SQLException error) {
      super(error.getMessage(), null, false, false);
      this.error = error;
    }
  }

  /** No limit to the number of ids. */
  static final int ALL = Integer.MAX_VALUE;

  /** Work that only reads. */
  <T> T read(String verb, List<String> ids, Work<T> work) {
    return retries.of(() -> run(verb, ids, work, error -> SqlErrors.reading(verb, ids, error)));
  }

  /**
   * Work that writes.
   *
   * @param safeToRepeat whether the verb may be called again when it is unknown whether it is
   *     stored
   */
  <T> T write(String verb, boolean safeToRepeat, List<String> ids, Work<T> work) {
    return retries.of(
        () -> run(verb, ids, work, error -> SqlErrors.writing(verb, safeToRepeat, ids, error)));
  }

  /** The ids that the statement gives, the first {@code limit} of them. */
  List<String> ids(String verb, NamedSql sql, int limit, NamedSql.Binder binder) {
    return read(
        verb,
        List.of(),
        statements ->
            statements.all(
                sql,
                parameters -> {
                  binder.bind(parameters);
                  parameters.bigint("limit", (long) limit);
                },
                rows -> rows.getString(1)));
  }

  private StatelessSession open() {
    try {
      return factory.openStatelessSession();
    } catch (IllegalStateException closed) {
      throw new StoreSetupException("The EntityManagerFactory is closed", closed);
    }
  }

  private <T> T run(
      String verb,
      List<String> ids,
      Work<T> work,
      Function<SQLException, StoreException> translate) {
    try (StatelessSession session = open()) {
      return session.doReturningWork(
          connection -> carrying(connection, lent -> work.by(new Statements(lent, deadlines))));
    } catch (Carried carried) {
      throw translate.apply(carried.error);
    } catch (JDBCException error) {
      throw SqlErrors.connecting(verb, ids, error.getSQLException());
    }
  }

  private static <T> T carrying(Connection connection, ConnectionWork<T> work) {
    try {
      return autoCommitted(connection, work);
    } catch (SQLException error) {
      throw new Carried(error);
    }
  }

  /**
   * Pools may lend connections that do not commit by themselves; they get them back as they were.
   */
  private static <T> T autoCommitted(Connection connection, ConnectionWork<T> work)
      throws SQLException {
    if (connection.getAutoCommit()) {
      return work.on(connection);
    }
    connection.setAutoCommit(true);
    T result;
    try {
      result = work.on(connection);
    } catch (SQLException | RuntimeException failure) {
      try {
        connection.setAutoCommit(false);
      } catch (SQLException broken) {
        failure.addSuppressed(broken);
      }
      throw failure;
    }
    connection.setAutoCommit(false);
    return result;
  }

  /** Limits no statement any more. */
  @Override
  public void close() {
    deadlines.close();
  }
}
