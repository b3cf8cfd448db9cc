package dev.wfe.postgres.internal.diagnosis;

import dev.wfe.persistence.StoreFinding;
import dev.wfe.postgres.internal.diagnosis.ServerChecks.Setting;
import dev.wfe.postgres.internal.sql.DiagnosisSql;
import dev.wfe.postgres.internal.sql.IndexDefinition;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Examines the server and the tables of a store. Changes nothing. Thread-safe. */
public final class StoreDiagnosis {
  private static final Operation OPERATION = Operation.reading("diagnose", List.of());
  private static final String DAY_OLD_ORPHANS = "wfe purge --orphans 1d";
  private static final long MANY_ORPHANS = 1_000;
  private static final long MUCH_LOG = 1L << 30;

  private static final String HOLDS_BACK =
      "Vacuum cannot remove rows that died since, so tables and indexes grow, and claims become"
          + " slow";

  private final TransactionScope scope;
  private final DiagnosisSql sql;
  private final String schema;
  private final List<String> tables;
  private final List<String> unchanged;
  private final IndexChecks indexes;

  /**
   * Runs its statements in the scope.
   *
   * @param tables the unqualified names of the store's tables
   * @param indexes the indexes that the migrations create
   */
  public StoreDiagnosis(
      TransactionScope scope,
      DiagnosisSql sql,
      StoreNames names,
      List<String> tables,
      List<IndexDefinition> indexes) {
    this.scope = scope;
    this.sql = sql;
    this.tables = List.copyOf(tables);
    this.unchanged = List.of(names.object("workflow_definitions"));
    this.indexes = new IndexChecks(names, indexes);
    this.schema = names.schema();
  }

  /**
   * Returns what it finds, the most severe first.
   *
   * @param patience how long transactions may take
   * @param known what is known about the store's version
   * @param current whether the store has this version, so that its rows can be read
   */
  public List<StoreFinding> examine(Duration patience, List<StoreFinding> known, boolean current) {
    return scope.run(
        OPERATION,
        statements -> {
          Findings findings = new Findings();
          known.forEach(findings::add);
          ServerChecks server = server(statements, findings);
          tables(statements, server, findings);
          if (current) {
            indexes.check(
                statements.all(sql.indexes, this::bindTables, IndexChecks.Index::read),
                server.statisticsSince(),
                findings);
          }
          transactions(statements, patience, findings);
          slots(statements, findings);
          if (current) {
            rows(statements, findings);
          }
          return findings.sorted();
        });
  }

  private ServerChecks server(StatementExecutor statements, Findings findings) throws SQLException {
    Map<String, Setting> settings = new HashMap<>();
    statements.all(
        sql.settings,
        parameters -> parameters.texts("names", ServerChecks.SETTINGS),
        row ->
            settings.put(row.getString(1), new Setting(row.getString(2), row.getString(3)))
                == null);
    ServerChecks server = statements.one(sql.server, parameters -> {}, ServerChecks::read);
    server.checkSettings(settings, findings);
    server.checkLimits(findings);
    findings.info(
        "server", "The server is PostgreSQL " + server.version(), "For your reports", null);
    return server;
  }

  private void bindTables(Parameters parameters) throws SQLException {
    parameters.text("schema", schema).texts("tables", tables);
  }

  private void tables(StatementExecutor statements, ServerChecks server, Findings findings)
      throws SQLException {
    List<TableChecks> found =
        statements.all(
            sql.tables,
            parameters -> {
              bindTables(parameters);
              parameters.texts("unchanged", unchanged);
            },
            TableChecks::read);
    found.forEach(table -> table.check(server.role(), findings));
    server.checkCache(found.stream().mapToLong(TableChecks::totalBytes).sum(), findings);
  }

  private void transactions(StatementExecutor statements, Duration patience, Findings findings)
      throws SQLException {
    NamedSql.Binder binder = parameters -> parameters.bigint("seconds", patience.toSeconds());
    statements
        .all(
            sql.transactions,
            binder,
            row ->
                List.of(
                    row.getString(1),
                    "The transaction of process %s (%s, application '%s', user '%s') is %s old"
                        .formatted(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            Findings.duration(row.getLong(5)))))
        .forEach(
            found ->
                findings.warning(
                    "old-transaction",
                    found.get(1),
                    HOLDS_BACK,
                    "select pg_catalog.pg_terminate_backend(%s); -- if nobody needs it"
                        .formatted(found.get(0))));
    statements
        .all(
            sql.prepared,
            binder,
            row ->
                List.of(
                    row.getString(1),
                    "The prepared transaction %s is %s old"
                        .formatted(row.getString(1), Findings.duration(row.getLong(2)))))
        .forEach(
            found ->
                findings.warning(
                    "prepared-transaction",
                    found.get(1),
                    "It keeps its locks until its transaction manager ends it, also after a restart. "
                        + HOLDS_BACK,
                    "rollback prepared %s; -- if its transaction manager has forgotten it"
                        .formatted(found.get(0))));
  }

  private void slots(StatementExecutor statements, Findings findings) throws SQLException {
    record Slot(String name, boolean holdsRows, long bytes) {}
    for (Slot slot :
        statements.all(
            sql.slots,
            parameters -> {},
            row -> new Slot(row.getString(1), row.getBoolean(2), row.getLong(3)))) {
      String finding =
          "Nobody uses the replication slot %s; it keeps %s of log"
              .formatted(slot.name(), Findings.mebibytes(slot.bytes()));
      String reason =
          "It fills the disk with log until the server stops. "
              + (slot.holdsRows() ? HOLDS_BACK : "It does not hold back vacuum");
      String remedy =
          "select pg_catalog.pg_drop_replication_slot(%s); -- if its standby or consumer is gone"
              .formatted(slot.name());
      if (slot.bytes() > MUCH_LOG) {
        findings.critical("replication-slot", finding, reason, remedy);
      } else {
        findings.warning("replication-slot", finding, reason, remedy);
      }
    }
  }

  private void rows(StatementExecutor statements, Findings findings) throws SQLException {
    Map<String, Long> orphans = new HashMap<>();
    statements.all(
        sql.orphans,
        parameters -> parameters.bigint("limit", (long) DiagnosisSql.ORPHANS_LOOKED_AT),
        row -> orphans.put(row.getString(1), row.getLong(2)) == null);
    orphans.forEach((kind, count) -> orphans(kind, count, findings));
    if (statements.one(sql.ended, parameters -> {}, row -> row.getBoolean(1))) {
      findings.warning(
          "retention",
          "More than %s workflows ended more than 90 days ago".formatted(DiagnosisSql.MANY_ENDED),
          "Nothing deletes them: backups, vacuum and queries take longer each month. Set a retention"
              + " in a host, or purge (docs/retention.md)",
          "wfe purge --complete 90d --terminated 90d --dry-run");
    }
  }

  private static void orphans(String kind, long count, Findings findings) {
    if (count == 0) {
      return;
    }
    String finding =
        "%s %s have no workflow or event, among the first %s"
            .formatted(count, kind, DiagnosisSql.ORPHANS_LOOKED_AT);
    switch (kind) {
      case "pointers" ->
          findings.critical(
              "orphans",
              finding,
              "A foreign key forbids this: it is missing, or was switched off",
              "wfe schema validate");
      case "errors" ->
          findings.info(
              "orphans", finding, "They take space only", "wfe purge --errors 90d --dry-run");
      default -> {
        String reason = "Somebody deleted workflows with SQL, or stored these for unknown ones";
        if (count >= MANY_ORPHANS) {
          findings.warning("orphans", finding, reason, DAY_OLD_ORPHANS);
        } else {
          findings.info("orphans", finding, reason, DAY_OLD_ORPHANS);
        }
      }
    }
  }
}
