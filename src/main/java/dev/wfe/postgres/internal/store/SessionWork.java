package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.CallerTransactionException;
import dev.wfe.persistence.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.hibernate.HibernateException;
import org.hibernate.JDBCException;
import org.hibernate.SharedSessionContract;

/** One piece of work on the connection of a Hibernate session. */
final class SessionWork {
  private SessionWork() {}

  /** Carries an error through Hibernate, which would log it. */
  private static final class Carried extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final SQLException error;

    Carried(SQLException error) {
      super(error.getMessage(), null, false, false);
      this.error = error;
    }
  }

  /**
   * Runs the work.
   *
   * @param translate makes the failure of an error in the work
   */
  static <T> T run(
      SharedSessionContract session,
      String verb,
      List<String> ids,
      Connections.OnConnection<T> work,
      Function<SQLException, StoreException> translate) {
    try {
      return session.doReturningWork(connection -> carrying(connection, work));
    } catch (Carried carried) {
      throw translate.apply(carried.error);
    } catch (JDBCException error) {
      throw CallersTransaction.connecting(verb, ids, error.getSQLException());
    } catch (HibernateException refusal) {
      throw new CallerTransactionException(
          verb, "Hibernate gives no connection: " + refusal.getMessage(), ids, refusal);
    }
  }

  private static <T> T carrying(Connection connection, Connections.OnConnection<T> work) {
    try {
      return work.run(connection);
    } catch (SQLException error) {
      throw new Carried(error);
    }
  }
}
