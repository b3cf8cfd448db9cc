package dev.wfe.postgres.internal.repository;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.internal.connection.ConnectionSource;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import dev.wfe.postgres.internal.transaction.TransactionScopes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;

/** Operations on the connections of a provider, without retries. */
final class ProviderDatabase {
  private ProviderDatabase() {}

  static TransactionScope of(PostgresPersistenceProvider provider) {
    ConnectionProvider pool =
        provider
            .entityManagerFactory()
            .unwrap(SessionFactoryImplementor.class)
            .getServiceRegistry()
            .requireService(ConnectionProvider.class);
    ConnectionSource connections =
        new ConnectionSource() {
          @Override
          public Connection open() throws SQLException {
            return pool.getConnection();
          }

          @Override
          public void release(Connection connection) throws SQLException {
            pool.closeConnection(connection);
          }
        };
    return TransactionScopes.of(
            connections,
            Optional::empty,
            new TransactionScopes.Timeouts(Duration.ofSeconds(30), Duration.ZERO))
        .independent();
  }
}
