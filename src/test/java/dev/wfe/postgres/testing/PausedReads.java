package dev.wfe.postgres.testing;

import dev.wfe.postgres.PostgresPersistenceProvider;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * A provider whose statements can be made to wait when they have read the first workflow: after
 * their snapshot, and before they lock anything. Close it at the end. Not thread-safe.
 */
public final class PausedReads implements AutoCloseable {
  private final TestDatabase database;
  private final String role = "paused_" + UUID.randomUUID().toString().substring(0, 8);
  private final PostgresPersistenceProvider provider;
  private final Connection gate;

  private PausedReads(TestDatabase database) throws SQLException {
    this.database = database;
    database.execute(
        """
        create role %1$s;
        grant usage on schema wfc to %1$s;
        grant all on all tables in schema wfc to %1$s;
        create or replace function public.pause() returns boolean language plpgsql as
          'begin perform pg_advisory_xact_lock_shared(42); return true; end';
        alter table wfc.workflows enable row level security;
        create policy pausing on wfc.workflows to %1$s using (public.pause());
        """
            .formatted(role));
    String options = (database.url().contains("?") ? "&" : "?") + "options=-c%20role=" + role;
    provider = PostgresPersistenceProvider.connect(database.url() + options);
    gate = database.dataSource().getConnection();
    gate.setAutoCommit(false);
  }

  /** Opens a provider on the store in the schema {@code wfc}. */
  public static PausedReads of(TestDatabase database) throws SQLException {
    return new PausedReads(database);
  }

  /** The provider. */
  public PostgresPersistenceProvider provider() {
    return provider;
  }

  /** From now on, the provider's statements wait. */
  public void pause() throws SQLException {
    try (Statement statement = gate.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(42)");
    }
  }

  /** Waits until a statement waits. */
  public void awaitReader() throws SQLException {
    database.awaitWaiting("", gate);
  }

  /** Lets the statements go on. */
  public void goOn() throws SQLException {
    gate.rollback();
  }

  @Override
  public void close() throws SQLException {
    gate.close();
    provider.close();
    database.execute(
        "alter table wfc.workflows disable row level security; drop owned by %1$s; drop role %1$s"
            .formatted(role));
  }
}
