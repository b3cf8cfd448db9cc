package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.internal.sql.CommandSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The commands claimed by one call, under one lease; see {@link CommandSql} for the rules. Only
 * {@link #renew} may be called from another thread.
 */
final class CommandClaims {
  private static final String VERB = "processCommands";
  private static final Comparator<ClaimedCommand> EARLIEST_FIRST =
      Comparator.comparingLong(ClaimedCommand::executeTime).thenComparingLong(ClaimedCommand::id);

  private final Database database;
  private final CommandSql sql;
  private final long leaseMillis;
  private final String token = UUID.randomUUID().toString();
  private final Set<Long> kept = new HashSet<>();
  private @Nullable Long newest;

  CommandClaims(Database database, CommandSql sql, Duration lease) {
    this.database = database;
    this.sql = sql;
    this.leaseMillis = lease.toMillis();
  }

  /**
   * Claims the earliest free commands that are due, were there when the call began, and were not
   * claimed by it before; earliest first.
   */
  List<ClaimedCommand> claim(long asOfMillis, int limit) {
    List<ClaimedCommand> claimed =
        database.write(
            VERB,
            true,
            List.of(),
            statements ->
                statements.all(
                    sql.claim,
                    parameters ->
                        parameters
                            .text("token", token)
                            .bigint("leaseMillis", leaseMillis)
                            .bigint("asOf", asOfMillis)
                            .bigint("newest", newest)
                            .bigints("kept", kept)
                            .bigint("limit", (long) limit),
                    this::read));
    claimed.sort(EARLIEST_FIRST);
    return claimed;
  }

  private ClaimedCommand read(ResultSet rows) throws SQLException {
    newest = rows.getLong("newest");
    return new ClaimedCommand(
        rows.getLong("id"),
        rows.getString("command_name"),
        rows.getString("data"),
        rows.getLong("execute_time"),
        rows.getString("xmin"),
        rows.getString("ctid"));
  }

  /** Prolongs the lease; false when it had ended and was removed. */
  boolean renew() {
    return database.write(
            VERB,
            true,
            List.of(),
            statements ->
                statements.update(
                    sql.renew,
                    parameters ->
                        parameters.text("token", token).bigint("leaseMillis", leaseMillis)))
        == 1;
  }

  /** Deletes the handled ones that nobody touched, and lets go of the rest of the claimed. */
  void settle(Collection<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    claimed.forEach(command -> kept.add(command.id()));
    List<Long> deleted =
        database.write(
            VERB,
            true,
            List.of(),
            statements ->
                statements.all(
                    sql.settle,
                    parameters ->
                        parameters
                            .text("token", token)
                            .bigints("claimed", claimed.stream().map(ClaimedCommand::id).toList())
                            .bigints("ids", handled.stream().map(ClaimedCommand::id).toList())
                            .texts("xmins", handled.stream().map(ClaimedCommand::xmin).toList())
                            .texts("ctids", handled.stream().map(ClaimedCommand::ctid).toList()),
                    rows -> rows.getLong(1)));
    deleted.forEach(kept::remove);
  }

  /** Removes the lease. */
  void end() {
    database.write(
        VERB,
        true,
        List.of(),
        statements ->
            statements.update(sql.endLease, parameters -> parameters.text("token", token)));
  }
}
