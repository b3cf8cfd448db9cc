package dev.wfe.bench.peers;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.SystemClock;
import com.github.kagkarlsson.scheduler.TaskResolver;
import com.github.kagkarlsson.scheduler.event.SchedulerListeners;
import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepository;
import com.github.kagkarlsson.scheduler.task.Execution;
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
final class DbSchedulerEngine implements Engine.Claiming {
  /** The table and the indexes of its documentation; the priority is not used. */
  static final String TABLE =
      """
      create table if not exists scheduled_tasks (
        task_name text not null, task_instance text not null, task_data bytea,
        execution_time timestamptz not null, picked boolean not null, picked_by text,
        last_success timestamptz, last_failure timestamptz, consecutive_failures int,
        last_heartbeat timestamptz, version bigint not null, priority smallint,
        primary key (task_name, task_instance));
      create index if not exists execution_time_idx on scheduled_tasks (execution_time);
      create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat);
      """;

  private final HikariDataSource pool;
  private final OneTimeTask<Order> task;
  private final Scheduler scheduler;
  private final JdbcTaskRepository repository;

  DbSchedulerEngine(String url, Runnable executed) throws SQLException {
    pool = Engine.pool(url, CONNECTIONS);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
    task = Tasks.oneTime("order", Order.class).execute((instance, context) -> executed.run());
    // Its README recommends this strategy and these fractions for high throughput.
    scheduler =
        Scheduler.create(pool, task).threads(WORKERS).pollUsingLockAndFetch(1.0, 4.0).build();
    SystemClock clock = new SystemClock();
    repository =
        new JdbcTaskRepository(
            pool,
            false,
            JdbcTaskRepository.DEFAULT_TABLE_NAME,
            new TaskResolver(SchedulerListeners.NOOP, clock, List.of(task)),
            new SchedulerName.Fixed("bench"),
            false,
            clock);
  }

  @Override
  public Claimed claim(int limit) {
    List<Execution> executions = repository.lockAndGetDue(Instant.now(), limit);
    return new Claimed(
        executions.stream().map(Execution::getId).toList(),
        () -> repository.unpickPickedBatch(executions));
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
