package dev.wfe.bench.peers;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A table of jobs, as an application would write it by hand: a claim skips locked rows, and each
 * job is completed by a statement of its own, if its claim is still valid.
 */
final class ByHandEngine implements Engine.Claiming {
  private static final int BATCH = 50;

  private static final String TABLE =
      """
      create table if not exists jobs (
        id text primary key, data jsonb not null, due timestamptz not null, completed timestamptz,
        owner text, expires timestamptz);
      create index if not exists jobs_due on jobs (due) where completed is null;
      """;

  private static final String INSERT =
      "insert into jobs (id, data, due) values (?, ?::jsonb, now())";

  private static final String CLAIM =
      """
      with picked as materialized (
        select id from jobs
        where completed is null and due <= now() and (expires is null or expires <= now())
        order by due limit ? for no key update skip locked)
      update jobs j set owner = ?, expires = now() + interval '30 s'
      from picked p where j.id = p.id
      returning j.id, j.data
      """;

  private static final String COMPLETE =
      """
      update jobs set completed = now(), owner = null, expires = null
      where id = ? and owner = ?
      """;

  private static final String RELEASE =
      "update jobs set owner = null, expires = null where id = any (?)";

  private static final String OWNER = "bench";

  private final Runnable executed;
  private final HikariDataSource pool;
  private final ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);

  ByHandEngine(String url, Runnable executed) throws SQLException {
    this.executed = executed;
    pool = Engine.pool(url, CONNECTIONS);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
  }

  @Override
  public void start(Order order) throws SQLException {
    startAll(List.of(order));
  }

  @Override
  public void startAll(List<Order> orders) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (Order order : orders) {
        statement.setString(1, order.id());
        statement.setString(
            2, "{\"customer\": \"%s\", \"lines\": %d}".formatted(order.customer(), order.lines()));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  @Override
  public Claimed claim(int limit) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(CLAIM)) {
      statement.setInt(1, limit);
      statement.setString(2, OWNER);
      List<String> ids = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getString(1));
        }
      }
      return new Claimed(ids, () -> release(ids));
    }
  }

  private void release(List<String> ids) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(RELEASE)) {
      statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
      statement.executeUpdate();
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public void run() {
    for (int thread = 0; thread < CONNECTIONS; thread++) {
      threads.execute(this::executeAll);
    }
  }

  private void executeAll() {
    try {
      for (List<String> ids = claim(BATCH).ids(); !ids.isEmpty(); ids = claim(BATCH).ids()) {
        for (String id : ids) {
          complete(id);
          executed.run();
        }
      }
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private void complete(String id) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(COMPLETE)) {
      statement.setString(1, id);
      statement.setString(2, OWNER);
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException("The claim on %s is lost".formatted(id));
      }
    }
  }

  @Override
  public String unfinished() {
    return "select exists (select 1 from jobs where completed is null)";
  }

  @Override
  public void close() {
    threads.shutdown();
    pool.close();
  }
}
