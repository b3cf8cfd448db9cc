package dev.wfe.postgres.internal.diagnosis;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Checks a table of the store. Immutable.
 *
 * @param name the quoted, qualified name
 * @param autovacuum whether autovacuum is on for this table
 * @param totalBytes the size with indexes and large values
 * @param liveRows the estimated number of rows
 * @param deadRows the estimated number of dead rows
 * @param vacuumFrom from how many dead rows on autovacuum works on the table
 * @param sinceVacuum how many seconds ago it was vacuumed; null for never
 * @param neverAnalyzed whether the planner knows nothing about it
 * @param wastedBytes an estimate of the unused space; null if it is unknown
 * @param bytes the size without indexes and large values
 * @param missingRights the privileges that the role lacks, with commas
 */
record TableChecks(
    String name,
    boolean autovacuum,
    long totalBytes,
    long liveRows,
    long deadRows,
    long vacuumFrom,
    @Nullable Long sinceVacuum,
    boolean neverAnalyzed,
    @Nullable Long wastedBytes,
    long bytes,
    String missingRights) {
  private static final long MANY_DEAD = 10_000;
  private static final long MANY_ROWS = 10_000;
  private static final long MUCH_WASTE = 32L << 20;

  static TableChecks read(ResultSet row) throws SQLException {
    return new TableChecks(
        row.getString(1),
        row.getBoolean(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        number(row, 7),
        row.getBoolean(8),
        number(row, 9),
        row.getLong(10),
        row.getString(11));
  }

  private static @Nullable Long number(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  void check(String role, Findings findings) {
    if (!missingRights.isEmpty()) {
      findings.warning(
          "rights",
          "The role %s may not %s on %s".formatted(role, missingRights, name),
          "A host with this role cannot work",
          "grant %s on %s to %s;".formatted(missingRights, name, role));
    }
    if (!autovacuum) {
      findings.warning(
          "table-autovacuum",
          "Autovacuum is off for the table %s".formatted(name),
          "Its dead rows are never removed, so it grows with each write",
          "alter table %s reset (autovacuum_enabled);".formatted(name));
    }
    if (deadRows > MANY_DEAD && deadRows > 2 * vacuumFrom) {
      findings.warning(
          "dead-rows",
          "%s has %s dead and %s live rows; %s".formatted(name, deadRows, liveRows, vacuumed()),
          "Vacuum does not keep up, or something holds it back. Claims and queries read dead rows",
          "vacuum (analyze) %s;".formatted(name));
    }
    if (neverAnalyzed && liveRows > MANY_ROWS) {
      findings.warning(
          "statistics",
          "%s has about %s rows and was never analyzed".formatted(name, liveRows),
          "The planner has to guess, and may choose slow plans",
          "analyze %s;".formatted(name));
    }
    if (wastedBytes != null && wastedBytes > MUCH_WASTE && wastedBytes > bytes / 2) {
      findings.info(
          "unused-space",
          "%s has %s, of which about %s are unused"
              .formatted(name, Findings.mebibytes(bytes), Findings.mebibytes(wastedBytes)),
          "PostgreSQL reuses the space for new rows. Only a rewrite returns it to the system; it"
              + " locks the table meanwhile",
          "vacuum full %s;".formatted(name));
    }
  }

  private String vacuumed() {
    return sinceVacuum == null
        ? "it was never vacuumed"
        : "the last vacuum was %s ago".formatted(Findings.duration(sinceVacuum));
  }
}
