package dev.wfe.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.hibernate.exception.JDBCConnectionException;

/**
 * A data source for Hibernate, which logs a warning and an error for each connection that it does
 * not get unless the failure is Hibernate's own already. Whoever called is told.
 */
final class QuietDataSource {
  private QuietDataSource() {}

  /** The data source, failing as Hibernate does. */
  static DataSource of(DataSource dataSource) {
    return (DataSource)
        Proxy.newProxyInstance(
            QuietDataSource.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(dataSource, arguments);
              } catch (InvocationTargetException failure) {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                throw cause instanceof SQLException error
                        && method.getName().equals("getConnection")
                    ? new JDBCConnectionException("No connection", error)
                    : cause;
              }
            });
  }
}
