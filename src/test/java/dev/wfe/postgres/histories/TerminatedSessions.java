package dev.wfe.postgres.histories;

import dev.wfe.histories.Fault;
import dev.wfe.postgres.testing.TestDatabase;

/** Terminates a random session of the workers, as an operator does. */
final class TerminatedSessions implements Fault {
  private final TestDatabase database;

  TerminatedSessions(TestDatabase database) {
    this.database = database;
  }

  @Override
  public String name() {
    return "session terminated";
  }

  @Override
  public void inject() {
    database.execute(
        "select pg_terminate_backend((select pid %s order by random() limit 1))"
            .formatted(PostgresTestRun.SESSIONS));
  }
}
