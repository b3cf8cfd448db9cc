package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;

/** Work on the connections of a provider, without a second try. */
final class ProviderDatabase {
  private ProviderDatabase() {}

  static Database of(PostgresPersistenceProvider provider) {
    ConnectionProvider pool =
        provider
            .entityManagerFactory()
            .unwrap(SessionFactoryImplementor.class)
            .getServiceRegistry()
            .requireService(ConnectionProvider.class);
    Connections connections =
        new Connections() {
          @Override
          public Connection borrow() throws SQLException {
            return pool.getConnection();
          }

          @Override
          public void giveBack(Connection connection) throws SQLException {
            pool.closeConnection(connection);
          }
        };
    return Databases.of(
            connections,
            Optional.empty(),
            Optional::empty,
            new Databases.Timeouts(Duration.ofSeconds(30), Duration.ZERO))
        .own();
  }
}
