package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;

/** A library that executes work, opened on a database of its own. Each has as many connections. */
interface Engine extends AutoCloseable {
  /** The connections of each engine's pool, unless its class says why it has others. */
  int CONNECTIONS = 16;

  /** How many steps each engine executes at a time. */
  int WORKERS = 32;

  /** Opens an engine. */
  @FunctionalInterface
  interface Opening {
    /**
     * Creates the tables if they do not exist; executes nothing yet.
     *
     * @param url the URL of a database
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

  /** An engine whose claims can be called alone. */
  interface Claiming extends Engine {
    /** Claims executions that are due. */
    Claimed claim(int limit) throws Exception;
  }

  /**
   * The result of a claim.
   *
   * @param ids what was claimed
   * @param release gives everything back
   */
  record Claimed(List<String> ids, Runnable release) {}

  /** Opens a pool for an engine that has none. */
  static HikariDataSource pool(String url, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }
}
