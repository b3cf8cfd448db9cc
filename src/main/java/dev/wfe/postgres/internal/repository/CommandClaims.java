package dev.wfe.postgres.internal.repository;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.postgres.internal.mapping.EnumCodec;
import dev.wfe.postgres.internal.sql.CommandSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.Parameters;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Claims and settles the commands of one call, under one lease; see {@link CommandSql} for the
 * rules. The first claim creates the lease. A claim that finds no free command, or {@link
 * #settleAndEnd}, removes it. Not thread-safe, except that {@link #renew} may be called from
 * another thread.
 */
final class CommandClaims {
  private static final Operation OPERATION = Operation.repeatable("processCommands", List.of());
  private static final Comparator<ClaimedCommand> EARLIEST_FIRST =
      Comparator.<ClaimedCommand>comparingLong(claimed -> claimed.command().executeTime())
          .thenComparingLong(ClaimedCommand::id);

  private final TransactionScope scope;
  private final CommandSql sql;
  private final long leaseMillis;
  private final String token = UUID.randomUUID().toString();

  /** Ids of commands that still exist after this call has settled them. */
  private final Set<Long> remainingIds = new HashSet<>();

  private final Map<Long, ProcessedCommands.Failure> unreadable = new LinkedHashMap<>();

  /** The highest command id when the call began; null before the first claim. */
  private @Nullable Long newest;

  private long lastTime = Long.MIN_VALUE;
  private long lastId;

  CommandClaims(TransactionScope scope, CommandSql sql, Duration lease) {
    this.scope = scope;
    this.sql = sql;
    this.leaseMillis = lease.toMillis();
  }

  /**
   * The result of one claiming statement.
   *
   * @param commands the commands that it claimed, earliest first
   * @param firstFree the version of the first free command that the statement saw, whether or not
   *     it claimed it; null if there was none
   * @param suppressed whether the database suppressed a write
   */
  private record Claim(
      List<ClaimedCommand> commands, @Nullable String firstFree, boolean suppressed) {}

  /**
   * Claims the earliest free commands that are due. Commands that were scheduled after the call
   * began, or that it has already claimed or passed, are left out. Returns the claimed commands,
   * earliest first.
   */
  List<ClaimedCommand> claim(long asOfMillis, int limit) {
    return settleAndClaim(List.of(), List.of(), asOfMillis, limit);
  }

  /** Releases claimed commands, so that other calls can claim them. */
  private void release(List<ClaimedCommand> claimed) {
    scope.run(
        OPERATION,
        statements ->
            statements.update(sql.settle, parameters -> bind(parameters, claimed, List.of())));
  }

  /** As {@link #settleAndClaim}, but claims no further commands and removes the lease. */
  void settleAndEnd(List<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    if (isWithheldAtEnd(claimed, handled)) {
      throw suppressed();
    }
  }

  private boolean isWithheldAtEnd(List<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    return scope
        .run(
            OPERATION,
            statements ->
                statements.first(
                    sql.settleAndEnd,
                    parameters -> bind(parameters, claimed, handled),
                    rows -> rows.getBoolean(1)))
        .orElse(false);
  }

  private static StoreFailureException suppressed() {
    return SqlErrors.suppressed(OPERATION, null);
  }

  /**
   * Deletes the handled commands that nobody else has written to meanwhile, releases the other
   * claimed ones, and claims the next commands in the same round trip.
   */
  List<ClaimedCommand> settleAndClaim(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int limit) {
    Claim claim = run(claimed, handled, asOfMillis, limit);
    while (claim.commands().isEmpty() && claim.firstFree() != null) {
      String firstFree = claim.firstFree();
      claim = run(List.of(), List.of(), asOfMillis, limit);
      if (claim.commands().isEmpty() && firstFree.equals(claim.firstFree())) {
        throw suppressed();
      }
    }
    List<ClaimedCommand> claimedAgain =
        claim.commands().stream().filter(command -> remainingIds.contains(command.id())).toList();
    if (claimedAgain.isEmpty()) {
      return claim.commands();
    }
    List<ClaimedCommand> claimedFirst = new ArrayList<>(claim.commands());
    claimedFirst.removeAll(claimedAgain);
    if (claimedFirst.isEmpty()) {
      return settleAndClaim(claimedAgain, List.of(), asOfMillis, limit);
    }
    release(claimedAgain);
    return claimedFirst;
  }

  private void bind(
      Parameters parameters, List<ClaimedCommand> claimed, List<ClaimedCommand> handled)
      throws SQLException {
    Set<Long> handledIds = new HashSet<>();
    handled.forEach(command -> handledIds.add(command.id()));
    List<Long> ids = new ArrayList<>();
    List<@Nullable String> xmins = new ArrayList<>();
    for (ClaimedCommand command : claimed) {
      ids.add(command.id());
      xmins.add(handledIds.contains(command.id()) ? command.xmin() : null);
    }
    parameters.bigints("ids", ids).texts("xmins", xmins).text("token", token);
  }

  private Claim run(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int limit) {
    Claim claim =
        scope.run(
            OPERATION,
            statements ->
                statements.query(
                    sql.settleAndClaim(limit),
                    parameters -> {
                      bind(parameters, claimed, handled);
                      parameters
                          .bigint("leaseMillis", leaseMillis)
                          .bigint("asOf", asOfMillis)
                          .bigint("newest", newest)
                          .bigint("afterTime", lastTime)
                          .bigint("afterId", lastId);
                    },
                    this::read));
    if (claim.suppressed()) {
      var unused = isWithheldAtEnd(claim.commands(), List.of());
      throw suppressed();
    }
    if (!claim.commands().isEmpty()) {
      ClaimedCommand last = claim.commands().get(claim.commands().size() - 1);
      lastTime = last.command().executeTime();
      lastId = last.id();
    }
    return claim;
  }

  private Claim read(ResultSet rows) throws SQLException {
    List<ClaimedCommand> commands = new ArrayList<>();

    String firstFree = null;
    boolean suppressed = false;
    while (rows.next()) {
      long id = rows.getLong("id");
      if (!rows.wasNull()) {
        String word = rows.getString("command_name");
        String data = rows.getString("data");
        Optional<CommandName> name = EnumCodec.COMMAND_NAME.decode(word);
        if (name.isPresent()) {
          commands.add(
              new ClaimedCommand(
                  id,
                  new ScheduledCommand(name.get(), data, rows.getLong("execute_time")),
                  rows.getString("xmin")));
        } else if (unreadable.size() < ProcessedCommands.MAX_FAILURES) {
          unreadable.put(
              id,
              new ProcessedCommands.Failure(
                  word,
                  data,
                  EnumCodec.unknown(
                      "scheduled_commands", Long.toString(id), "command_name", word)));
        }
      }
      if (rows.isFirst()) {
        long newestId = rows.getLong("newest");
        newest = rows.wasNull() ? null : Long.valueOf(newestId);
        remainingIds.addAll(List.of((Long[]) rows.getArray("kept").getArray()));
        firstFree = rows.getString("seen");
        suppressed = rows.getBoolean("suppressed");
      }
    }

    commands.sort(EARLIEST_FIRST);
    return new Claim(commands, firstFree, suppressed);
  }

  /**
   * Returns failures for the first due commands with an unknown name; these commands were skipped.
   */
  Collection<ProcessedCommands.Failure> unreadable() {
    return unreadable.values();
  }

  /** Renews the lease. Returns false if it has expired or another call has taken it over. */
  boolean renew() {
    return scope.run(
            OPERATION,
            statements ->
                statements.update(
                    sql.renew,
                    parameters ->
                        parameters.text("token", token).bigint("leaseMillis", leaseMillis)))
        == 1;
  }
}
