package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;

/** A library that executes work, opened on a database of its own. Each has as many connections. */
interface Engine extends AutoCloseable {
  /** The connections of each engine's pool. */
  int CONNECTIONS = 16;

  /** How many steps each engine executes at a time. */
  int WORKERS = 32;

  /** Opens an engine. */
  @FunctionalInterface
  interface Opening {
    /**
     * Creates the tables; executes nothing yet.
     *
     * @param url the URL of an empty database
     * @param executed to be called by the last step of each execution
     */
    Engine open(String url, Runnable executed) throws Exception;
  }

  /** Starts one execution that is due now, in a transaction of its own. */
  void start(Order order) throws Exception;

  /** Starts many executions that are due now. */
  void startAll(List<Order> orders) throws Exception;

  /** Begins to execute what is started. */
  void run() throws Exception;

  /** A query that tells whether an execution is not stored as ended. */
  String unfinished();

  /** Ends the execution and closes all connections. */
  @Override
  void close();

  /** Opens a pool for an engine that has none. */
  static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(CONNECTIONS);
    return new HikariDataSource(config);
  }
}
