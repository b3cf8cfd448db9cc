package dev.wfe.postgres.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Measures this process and its database while nobody works. Not thread-safe. */
final class Sampler {
  static final int POOL_SIZE = 10;

  static final String HEAP = "heap after a collection, KiB";
  static final String THREADS = "threads";
  static final String FILES = "open files";
  static final String CONNECTIONS = "connections at the server";
  static final String POOLED = "connections in the pool";
  static final String BORROWED = "connections borrowed from the pool";
  static final String PREPARED = "prepared statements of a session, at most";
  static final String SESSION_MEMORY = "memory of a session, at most, KiB";
  static final String ROWS = ", rows";
  static final String SIZE = ", KiB with its indexes";

  private static final String OF_A_SESSION =
      """
      select (select count(*) from pg_prepared_statements),
        (select sum(total_bytes) / 1024 from pg_backend_memory_contexts)
      """;

  private final HikariDataSource pool;
  private final Connection operator;

  /** With a connection past the pool. */
  Sampler(PostgresPersistenceProvider provider, Connection operator) {
    Object dataSource =
        provider.entityManagerFactory().getProperties().get("jakarta.persistence.nonJtaDataSource");
    this.pool = (HikariDataSource) Objects.requireNonNull(dataSource);
    this.operator = operator;
  }

  /** All figures by their names. */
  Map<String, Long> sample() throws SQLException {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put(HEAP, heapAfterCollection() / 1_024);
    figures.put(THREADS, (long) ManagementFactory.getThreadMXBean().getThreadCount());
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      figures.put(FILES, unix.getOpenFileDescriptorCount());
    }
    figures.put(
        CONNECTIONS,
        number("select count(*) from pg_stat_activity where backend_type = 'client backend'"));
    HikariPoolMXBean pooled = pool.getHikariPoolMXBean();
    figures.put(POOLED, (long) pooled.getTotalConnections());
    figures.put(BORROWED, (long) pooled.getActiveConnections());
    putSessions(figures);
    putTables(figures);
    return figures;
  }

  /** Of each pool of memory, what the collection left. */
  private static long heapAfterCollection() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(memory -> memory.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getCollectionUsage)
        .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
        .sum();
  }

  /** Each free connection is asked: all are taken before the first is given back. */
  private void putSessions(Map<String, Long> figures) throws SQLException {
    int free = pool.getHikariPoolMXBean().getIdleConnections();
    List<Connection> borrowed = new ArrayList<>();
    long prepared = 0;
    long memory = 0;
    try {
      while (borrowed.size() < free) {
        Connection connection = pool.getConnection();
        borrowed.add(connection);
        try (Statement statement = connection.createStatement();
            ResultSet rows = statement.executeQuery(OF_A_SESSION)) {
          rows.next();
          prepared = Math.max(prepared, rows.getLong(1));
          memory = Math.max(memory, rows.getLong(2));
        }
      }
    } finally {
      for (Connection connection : borrowed) {
        connection.close();
      }
    }
    figures.put(PREPARED, prepared);
    figures.put(SESSION_MEMORY, memory);
  }

  private void putTables(Map<String, Long> figures) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = operator.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select tablename from pg_tables where schemaname = 'wfc' order by 1")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    for (String table : tables) {
      figures.put(table + ROWS, number("select count(*) from wfc." + table));
      figures.put(
          table + SIZE, number("select pg_total_relation_size('wfc.%s') / 1024".formatted(table)));
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = operator.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
