package dev.wfe.postgres.internal.diagnosis;

import dev.wfe.postgres.internal.sql.IndexDefinition;
import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares the indexes of a store with those that the migrations create. Immutable. */
final class IndexChecks {
  private static final String SLOW = "Operations read many rows instead of few";

  /** What the names begin with that this library and the Rust provider give. */
  private static final String OF_STORES = "idx_";

  private static final String REPLACEMENT = "_new";

  private final StoreNames names;
  private final Map<String, IndexDefinition> expected;

  IndexChecks(StoreNames names, List<IndexDefinition> expected) {
    this.names = names;
    this.expected =
        expected.stream()
            .collect(Collectors.toMap(index -> names.object(index.name()), Function.identity()));
  }

  /**
   * An index.
   *
   * @param name the unquoted name
   * @param table the unquoted name of its table
   * @param quoted the quoted, qualified name
   * @param method the text that follows {@code using}
   * @param heartbeat whether it contains the column that every write changes
   */
  record Index(
      String name,
      String table,
      String quoted,
      String method,
      boolean valid,
      boolean unique,
      long scans,
      long bytes,
      boolean heartbeat) {
    static Index read(ResultSet row) throws SQLException {
      return new Index(
          row.getString(1),
          row.getString(2),
          row.getString(3),
          row.getString(4),
          row.getBoolean(5),
          row.getBoolean(6),
          row.getLong(7),
          row.getLong(8),
          row.getBoolean(9));
    }
  }

  void check(List<Index> found, String statisticsSince, Findings findings) {
    Map<String, Index> byName =
        found.stream().collect(Collectors.toMap(Index::name, Function.identity()));
    expected.forEach(
        (name, index) -> {
          Index actual = byName.get(name);
          if (actual == null) {
            findings.warning(
                "missing-index",
                "The index %s is missing".formatted(name),
                SLOW,
                create(name, index));
          } else if (!actual.method().equals(index.method())) {
            findings.warning(
                "changed-index",
                "The index %s is %s, not %s".formatted(name, actual.method(), index.method()),
                SLOW,
                replace(name, index, actual));
          }
        });
    found.forEach(index -> check(index, statisticsSince, findings));
  }

  private void check(Index index, String statisticsSince, Findings findings) {
    if (!index.valid()) {
      findings.warning(
          "invalid-index",
          "The index %s is invalid: its build was interrupted".formatted(index.name()),
          "Queries do not use it, but each write maintains it",
          "reindex index concurrently %s;".formatted(index.quoted()));
    }
    if (index.heartbeat()) {
      findings.warning(
          "heartbeat-index",
          "The index %s contains last_heartbeat_at".formatted(index.name()),
          "Every write changes that column, so each one has to write to every index of the table",
          "drop index concurrently %s;".formatted(index.quoted()));
    } else if (!index.name().startsWith(names.object(OF_STORES))
        && !index.unique()
        && index.valid()
        && index.scans() == 0) {
      findings.info(
          "unused-index",
          "The index %s (%s) was not used since %s"
              .formatted(index.name(), Findings.mebibytes(index.bytes()), statisticsSince),
          "The store did not create it. Each write to %s maintains it".formatted(index.table()),
          "drop index concurrently %s;".formatted(index.quoted()));
    }
  }

  /** The old index stays in use until the new one is complete. */
  private String replace(String name, IndexDefinition index, Index actual) {
    return "%s drop index concurrently %s; alter index %s.%s rename to %s;"
        .formatted(
            create(name + REPLACEMENT, index),
            actual.quoted(),
            names.quotedSchema(),
            StoreNames.quote(name + REPLACEMENT),
            StoreNames.quote(name));
  }

  private String create(String name, IndexDefinition index) {
    return "create index concurrently %s on %s using %s;"
        .formatted(StoreNames.quote(name), names.table(index.table()), index.method());
  }
}
