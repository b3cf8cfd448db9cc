package dev.wfe.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** db-scheduler with one-time tasks. A task that has been executed is deleted. */
final class DbSchedulerEngine implements Engine {
  /** The table and the indexes of its documentation; the priority is not used. */
  static final String TABLE =
      """
      create table scheduled_tasks (
        task_name text not null, task_instance text not null, task_data bytea,
        execution_time timestamptz not null, picked boolean not null, picked_by text,
        last_success timestamptz, last_failure timestamptz, consecutive_failures int,
        last_heartbeat timestamptz, version bigint not null, priority smallint,
        primary key (task_name, task_instance));
      create index execution_time_idx on scheduled_tasks (execution_time);
      create index last_heartbeat_idx on scheduled_tasks (last_heartbeat);
      """;

  private final HikariDataSource pool;
  private final OneTimeTask<Order> task;
  private final Scheduler scheduler;

  DbSchedulerEngine(String url, Runnable executed) throws SQLException {
    pool = Engine.pool(url);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
    task = Tasks.oneTime("order", Order.class).execute((instance, context) -> executed.run());
    // Its README recommends this strategy and these fractions for high throughput.
    scheduler =
        Scheduler.create(pool, task).threads(WORKERS).pollUsingLockAndFetch(1.0, 4.0).build();
  }

  @Override
  public void start(Order order) {
    scheduler.scheduleIfNotExists(task.instance(order.id(), order), Instant.now());
  }

  @Override
  public void startAll(List<Order> orders) {
    List<TaskInstance<?>> instances = new ArrayList<>();
    orders.forEach(order -> instances.add(task.instance(order.id(), order)));
    scheduler.scheduleBatch(instances, Instant.now());
  }

  @Override
  public void run() {
    scheduler.start();
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from scheduled_tasks)";
  }

  @Override
  public void close() {
    scheduler.stop();
    pool.close();
  }
}
