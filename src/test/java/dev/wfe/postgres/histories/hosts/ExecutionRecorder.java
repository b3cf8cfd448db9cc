package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.RandomWorkflow;
import dev.wfe.host.StepContext;
import dev.wfe.host.TransactionContext;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records executions in the {@link Journal}, on connections that have nothing to do with the
 * host's. An execution begins when its record is committed. A step fails as long as fewer failures
 * than planned are stored, so faults do not change how often it fails. Thread-safe.
 */
final class ExecutionRecorder implements RandomWorkflow.Listener {
  /** What a planned failure says. */
  static final String PLANNED = "planned failure";

  private static final int SHORT_MILLIS = 20;
  private static final int LONG_MILLIS = 600;
  private static final long PAUSE_MILLIS = 20;

  private static final String BEGIN =
      """
      insert into proof.executions (id, host, workflow_id, step, pointer_id, in_transaction,
          begun_at, planned_failures, failures, status, lease_owner, lease_epoch, lease_is_live)
        select g.id, g.host, g.workflow_id, g.step, g.pointer_id, g.in_transaction,
          clock_timestamp(),
          (select count(*) from wfc.execution_errors e where e.workflow_id = g.workflow_id
            and e.execution_pointer_id = g.pointer_id and e.message like '%planned failure%'),
          (select count(*) from wfc.execution_errors e where e.workflow_id = g.workflow_id
            and e.execution_pointer_id = g.pointer_id),
          (select p.status from wfc.execution_pointers p where p.id = g.pointer_id),
          l.owner, l.epoch, l.expires_at > clock_timestamp()
        from (values (?::text, ?::text, ?::text, ?::text, ?::text, ?::boolean))
            as g(id, host, workflow_id, step, pointer_id, in_transaction)
          left join wfc.workflow_leases l on l.workflow_id = g.workflow_id
      on conflict (id) do update set id = excluded.id
      returning planned_failures
      """;

  private static final String END =
      "update proof.executions set ended_at = clock_timestamp() where id = ?";

  private final String url;
  private volatile String host;
  private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();

  /**
   * Records in the database by the URL.
   *
   * @param host the owner of the leases
   */
  ExecutionRecorder(String url, String host) {
    this.url = url;
    this.host = host;
  }

  /** From now on, the host has this name. */
  void rename(String next) {
    host = next;
  }

  @Override
  public void executed(StepContext context, int failures) throws Exception {
    String id = UUID.randomUUID().toString();
    int failed = begin(id, context, false);
    work();
    end(id);
    failIf(failed < failures);
  }

  @Override
  public void executedInTransaction(TransactionContext transaction, int failures) throws Exception {
    String id = UUID.randomUUID().toString();
    int failed = begin(id, transaction, true);
    try (PreparedStatement booking =
        transaction.connection().prepareStatement("insert into proof.bookings values (?)")) {
      booking.setString(1, transaction.idempotencyKey());
      booking.executeUpdate();
    }
    work();
    end(id);
    failIf(failed < failures);
  }

  private static void failIf(boolean fails) {
    if (fails) {
      throw new IllegalStateException(PLANNED);
    }
  }

  /** Mostly short, and now and then long, so that it may go on after its lease was taken over. */
  private static void work() throws InterruptedException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int millis = random.nextInt(random.nextInt(12) == 0 ? LONG_MILLIS : SHORT_MILLIS);
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  private int begin(String id, StepContext context, boolean inTransaction) throws Exception {
    return persistently(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
            statement.setString(1, id);
            statement.setString(2, host);
            statement.setString(3, context.workflowId());
            statement.setString(4, context.stepName());
            statement.setString(5, context.idempotencyKey());
            statement.setBoolean(6, inTransaction);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return row.getInt(1);
            }
          }
        });
  }

  private void end(String id) throws Exception {
    persistently(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(END)) {
            statement.setString(1, id);
            return statement.executeUpdate();
          }
        });
  }

  /** Records something. Doing it again changes nothing. */
  @FunctionalInterface
  private interface Call {
    int on(Connection connection) throws SQLException;
  }

  /** Tries again until the database answers. */
  private int persistently(Call call) throws Exception {
    while (true) {
      Connection connection = null;
      try {
        connection = idle.poll();
        if (connection == null) {
          connection = DriverManager.getConnection(url);
        }
        int result = call.on(connection);
        idle.add(connection);
        return result;
      } catch (SQLException failure) {
        close(connection);
        if (String.valueOf(failure.getSQLState()).startsWith("42")) {
          throw failure;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static void close(@Nullable Connection broken) {
    if (broken != null) {
      try {
        broken.close();
      } catch (SQLException ended) {
        // it is no longer used
      }
    }
  }
}
