package dev.wfe.postgres.internal.store;

import dev.wfe.postgres.internal.sql.CommandSql;
import dev.wfe.postgres.internal.sql.Parameters;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
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
final class CommandClaims implements AutoCloseable {
  private static final String VERB = "processCommands";
  private static final Comparator<ClaimedCommand> EARLIEST_FIRST =
      Comparator.comparingLong(ClaimedCommand::executeTime).thenComparingLong(ClaimedCommand::id);

  private final Database database;
  private final CommandSql sql;
  private final long leaseMillis;
  private final String token = UUID.randomUUID().toString();
  private final Set<Long> kept = new HashSet<>();
  private @Nullable Long newest;
  private long lastTime = Long.MIN_VALUE;
  private long lastId;

  CommandClaims(Database database, CommandSql sql, Duration lease) {
    this.database = database;
    this.sql = sql;
    this.leaseMillis = lease.toMillis();
  }

  /** What one statement claimed; {@code seen} when it saw free ones, claimed by now or not. */
  private record Claim(List<ClaimedCommand> commands, boolean seen) {}

  /**
   * Claims the earliest free commands that are due, come after those that it claimed before, were
   * there when the call began, and were not claimed by it before; earliest first.
   */
  List<ClaimedCommand> claim(long asOfMillis, int limit) {
    return settleAndClaim(List.of(), List.of(), asOfMillis, limit);
  }

  /** Deletes the handled ones that nobody touched, and lets go of the rest of the claimed. */
  void settle(List<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    database.write(
        VERB,
        true,
        List.of(),
        statements ->
            statements.update(sql.settle, parameters -> bind(parameters, claimed, handled)));
  }

  /** Settles, and claims the next in the same round trip. */
  List<ClaimedCommand> settleAndClaim(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int limit) {
    Claim claim = run(claimed, handled, asOfMillis, limit);
    while (claim.commands().isEmpty() && claim.seen()) {
      claim = run(List.of(), List.of(), asOfMillis, limit);
    }
    List<ClaimedCommand> again =
        claim.commands().stream().filter(command -> kept.contains(command.id())).toList();
    if (again.isEmpty()) {
      return claim.commands();
    }
    List<ClaimedCommand> first = new ArrayList<>(claim.commands());
    first.removeAll(again);
    if (first.isEmpty()) {
      return settleAndClaim(again, List.of(), asOfMillis, limit);
    }
    settle(again, List.of());
    return first;
  }

  private void bind(
      Parameters parameters, List<ClaimedCommand> claimed, List<ClaimedCommand> handled)
      throws SQLException {
    Set<Long> handledIds = new HashSet<>();
    handled.forEach(command -> handledIds.add(command.id()));
    List<Long> ids = new ArrayList<>();
    List<@Nullable String> xmins = new ArrayList<>();
    List<@Nullable String> ctids = new ArrayList<>();
    for (ClaimedCommand command : claimed) {
      boolean isHandled = handledIds.contains(command.id());
      ids.add(command.id());
      xmins.add(isHandled ? command.xmin() : null);
      ctids.add(isHandled ? command.ctid() : null);
    }
    parameters.bigints("ids", ids).texts("xmins", xmins).texts("ctids", ctids).text("token", token);
  }

  private Claim run(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int limit) {
    Claim claim =
        database.write(
            VERB,
            true,
            List.of(),
            statements ->
                statements.whole(
                    sql.settleAndClaim,
                    parameters -> {
                      bind(parameters, claimed, handled);
                      parameters
                          .bigint("leaseMillis", leaseMillis)
                          .bigint("asOf", asOfMillis)
                          .bigint("newest", newest)
                          .bigint("afterTime", lastTime)
                          .bigint("afterId", lastId)
                          .bigint("limit", (long) limit);
                    },
                    this::read));
    if (!claim.commands().isEmpty()) {
      ClaimedCommand last = claim.commands().get(claim.commands().size() - 1);
      lastTime = last.executeTime();
      lastId = last.id();
    }
    return claim;
  }

  private Claim read(ResultSet rows) throws SQLException {
    List<ClaimedCommand> commands = new ArrayList<>();
    boolean seen = false;
    while (rows.next()) {
      long id = rows.getLong("id");
      if (!rows.wasNull()) {
        commands.add(
            new ClaimedCommand(
                id,
                rows.getString("command_name"),
                rows.getString("data"),
                rows.getLong("execute_time"),
                rows.getString("xmin"),
                rows.getString("ctid")));
      }
      if (rows.isFirst()) {
        long highest = rows.getLong("newest");
        newest = rows.wasNull() ? null : Long.valueOf(highest);
        kept.addAll(List.of((Long[]) rows.getArray("kept").getArray()));
        seen = rows.getBoolean("seen");
      }
    }
    commands.sort(EARLIEST_FIRST);
    return new Claim(commands, seen);
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

  /** Removes the lease. */
  @Override
  public void close() {
    database.write(
        VERB,
        true,
        List.of(),
        statements ->
            statements.update(sql.endLease, parameters -> parameters.text("token", token)));
  }
}
