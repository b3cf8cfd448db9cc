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
 * The commands claimed by one call, under one lease; see {@link CommandSql} for the rules. The
 * lease is taken with the first claim, and removed by the claim that finds nothing or by {@link
 * #settleAndEnd}. Only {@link #renew} may be called from another thread.
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
  private final Set<Long> kept = new HashSet<>();
  private final Map<Long, ProcessedCommands.Failure> unreadable = new LinkedHashMap<>();
  private @Nullable Long newest;
  private long lastTime = Long.MIN_VALUE;
  private long lastId;

  CommandClaims(TransactionScope scope, CommandSql sql, Duration lease) {
    this.scope = scope;
    this.sql = sql;
    this.leaseMillis = lease.toMillis();
  }

  /**
   * What one statement claimed.
   *
   * @param seen the version of the first free one that it saw, claimed by now or not
   * @param withheld whether the database withheld a write
   */
  private record Claim(List<ClaimedCommand> commands, @Nullable String seen, boolean withheld) {}

  /**
   * Claims the earliest free commands that are due, come after those that it claimed before, were
   * there when the call began, and were not claimed by it before; earliest first.
   */
  List<ClaimedCommand> claim(long asOfMillis, int limit) {
    return settleAndClaim(List.of(), List.of(), asOfMillis, limit);
  }

  /** Lets go of claimed commands. */
  private void letGo(List<ClaimedCommand> claimed) {
    scope.run(
        OPERATION,
        statements ->
            statements.update(sql.settle, parameters -> bind(parameters, claimed, List.of())));
  }

  /** As {@link #settleAndClaim}, but claims no more and removes the lease. */
  void settleAndEnd(List<ClaimedCommand> claimed, List<ClaimedCommand> handled) {
    if (isWithheldAtEnd(claimed, handled)) {
      throw withheld();
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

  private static StoreFailureException withheld() {
    return SqlErrors.withheld(OPERATION, Optional.empty());
  }

  /**
   * Deletes the handled ones that nobody touched, lets go of the rest of the claimed, and claims
   * the next in the same round trip.
   */
  List<ClaimedCommand> settleAndClaim(
      List<ClaimedCommand> claimed, List<ClaimedCommand> handled, long asOfMillis, int limit) {
    Claim claim = run(claimed, handled, asOfMillis, limit);
    while (claim.commands().isEmpty() && claim.seen() != null) {
      String seen = claim.seen();
      claim = run(List.of(), List.of(), asOfMillis, limit);
      if (claim.commands().isEmpty() && seen.equals(claim.seen())) {
        throw withheld();
      }
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
    letGo(again);
    return first;
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
    if (claim.withheld()) {
      var unused = isWithheldAtEnd(claim.commands(), List.of());
      throw withheld();
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

    String seen = null;
    boolean withheld = false;
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
        long highest = rows.getLong("newest");
        newest = rows.wasNull() ? null : Long.valueOf(highest);
        kept.addAll(List.of((Long[]) rows.getArray("kept").getArray()));
        seen = rows.getString("seen");
        withheld = rows.getBoolean("withheld");
      }
    }

    commands.sort(EARLIEST_FIRST);
    return new Claim(commands, seen, withheld);
  }

  /** The first due commands with an unknown word that were passed over. */
  Collection<ProcessedCommands.Failure> unreadable() {
    return unreadable.values();
  }

  /** Prolongs the lease; false when it has expired or another call has taken it over. */
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
