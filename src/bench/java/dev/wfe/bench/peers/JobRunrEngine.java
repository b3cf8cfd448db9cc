package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.configuration.JobRunrConfiguration.JobRunrConfigurationResult;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson.JacksonJsonMapper;

/** JobRunr with job requests. */
final class JobRunrEngine implements Engine {
  private final HikariDataSource pool;
  private final JobRunrConfigurationResult jobRunr;

  JobRunrEngine(String url, Runnable executed) {
    pool = Engine.pool(url, CONNECTIONS);
    Handler handler = new Handler(executed);
    jobRunr =
        JobRunr.configure()
            .useStorageProvider(new PostgresStorageProvider(pool))
            .useJsonMapper(new JacksonJsonMapper())
            .useJobActivator(
                new JobActivator() {
                  @Override
                  public <T> T activateJob(Class<T> type) {
                    return type.cast(handler);
                  }
                })
            .useBackgroundJobServer(
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                    .andWorkerCount(WORKERS),
                false)
            .initialize();
  }

  /**
   * A job.
   *
   * @param order its data
   */
  public record Request(Order order) implements JobRequest {
    @Override
    public Class<Handler> getJobRequestHandler() {
      return Handler.class;
    }
  }

  /** Executes jobs. */
  public static final class Handler implements JobRequestHandler<Request> {
    private final Runnable executed;

    Handler(Runnable executed) {
      this.executed = executed;
    }

    @Override
    public void run(Request request) {
      executed.run();
    }
  }

  @Override
  public void start(Order order) {
    jobRunr.getJobRequestScheduler().enqueue(new Request(order));
  }

  @Override
  public void startAll(List<Order> orders) {
    jobRunr.getJobRequestScheduler().enqueue(orders.stream().map(Request::new));
  }

  @Override
  public void run() {
    jobRunr.getBackgroundJobServer().start();
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from jobrunr_jobs where state <> 'SUCCEEDED')";
  }

  @Override
  public void close() {
    JobRunr.destroy();
    pool.close();
  }
}
