package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.sql.CommandSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import dev.wfe.postgres.internal.sql.Operation;
import dev.wfe.postgres.internal.sql.SqlErrors;
import dev.wfe.postgres.internal.transaction.StatementExecutor;
import dev.wfe.postgres.internal.transaction.TransactionScope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Scheduled commands in PostgreSQL. Thread-safe. */
public final class PostgresCommandRepository implements ScheduledCommandRepository {
  private final TransactionScope scope;
  private final CommandSql sql;
  private final CommandLeases leases;

  /** Runs its operations in the scope. */
  public PostgresCommandRepository(TransactionScope scope, CommandSql sql, CommandLeases leases) {
    this.scope = scope;
    this.sql = sql;
    this.leases = leases;
  }

  @Override
  public boolean supportsScheduledCommands() {
    return true;
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    schedule("scheduleCommand", sql.schedule, command);
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    schedule("scheduleCommandAtEarliest", sql.scheduleAtEarliest, command);
  }

  private void schedule(String name, NamedSql statement, ScheduledCommand command) {
    ValueLimits.check(command);
    Operation operation = Operation.repeatable(name, List.of(command.data()));
    long written =
        scope.run(
            operation,
            statements ->
                statements.one(
                    statement,
                    parameters ->
                        parameters
                            .text("name", command.commandName().word())
                            .text("data", command.data())
                            .bigint("time", command.executeTime()),
                    rows -> rows.getLong(1)));
    if (written != 1) {
      throw SqlErrors.suppressed(operation, null);
    }
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return processCommands(asOf, StatementExecutor.NO_LIMIT, handler);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler) {
    ValueLimits.nonNull("processCommands", "asOf", asOf);
    ValueLimits.checkLimit("processCommands", limit);
    ValueLimits.nonNull("processCommands", "handler", handler);
    scope.requireIndependent("processCommands");
    CommandClaims claims = new CommandClaims(scope, sql, leases.duration());
    CommandProcessor processor =
        new CommandProcessor(
            claims,
            requestedNanos -> leases.startRenewing(requestedNanos, claims::renew),
            handler,
            limit);
    return Instants.epochMillisAtOrBefore(asOf)
        .map(processor::run)
        .orElse(new ProcessedCommands(0, 0, List.of()));
  }

  @Override
  public List<ItemResult<ScheduledCommand>> scheduleCommands(List<ScheduledCommand> commands) {
    String name = "scheduleCommands";
    List<@Nullable InvalidValueException> refusals =
        ValueLimits.checkEach(name, "commands", commands, ValueLimits::check);
    Map<String, ScheduledCommand> lastOfEachKey = new TreeMap<>();
    List<ItemResult<ScheduledCommand>> results = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      ScheduledCommand command = commands.get(i);
      InvalidValueException refusal = refusals.get(i);
      if (refusal == null) {
        lastOfEachKey.put(command.commandName().word() + " " + command.data(), command);
        results.add(new ItemResult.Written<>(command));
      } else {
        results.add(new ItemResult.Refused<>(refusal));
      }
    }
    List<ScheduledCommand> sent = List.copyOf(lastOfEachKey.values());
    if (!sent.isEmpty()) {
      Operation operation =
          Operation.repeatable(name, sent.stream().map(ScheduledCommand::data).toList());
      long written =
          scope.run(
              operation,
              statements ->
                  statements.one(
                      sql.scheduleMany,
                      parameters -> CommandSql.NEW.bindMany(parameters, sent),
                      row -> row.getLong(1)));
      if (written != sent.size()) {
        throw SqlErrors.suppressed(operation, null);
      }
    }
    return results;
  }
}
