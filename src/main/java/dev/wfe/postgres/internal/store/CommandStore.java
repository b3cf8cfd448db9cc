package dev.wfe.postgres.internal.store;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.ScheduledCommandRepository;
import dev.wfe.persistence.StoreFailureException;
import dev.wfe.persistence.ValueLimits;
import dev.wfe.postgres.internal.mapping.Instants;
import dev.wfe.postgres.internal.sql.CommandSql;
import dev.wfe.postgres.internal.sql.NamedSql;
import java.time.Instant;
import java.util.List;

/** Scheduled commands in PostgreSQL. Thread-safe. */
public final class CommandStore implements ScheduledCommandRepository {
  private final Database database;
  private final CommandSql sql;
  private final Leases leases;

  /** Over the database. */
  public CommandStore(Database database, CommandSql sql, Leases leases) {
    this.database = database;
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

  private void schedule(String verb, NamedSql statement, ScheduledCommand command) {
    ValueLimits.check(command);
    long written =
        database.write(
            verb,
            true,
            List.of(command.data()),
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
      throw new StoreFailureException(
          "%s: %s rows were written instead of 1".formatted(verb, written),
          List.of(command.data()),
          null);
    }
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return processCommands(asOf, Database.ALL, handler);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler) {
    ValueLimits.nonNull("processCommands", "asOf", asOf);
    ValueLimits.checkLimit("processCommands", limit);
    ValueLimits.nonNull("processCommands", "handler", handler);
    database.requireOwnTransactions("processCommands");
    CommandClaims claims = new CommandClaims(database, sql, leases.duration());
    CommandRun run =
        new CommandRun(claims, asked -> leases.keep(asked, claims::renew), handler, limit);
    return Instants.epochMillisAtOrBefore(asOf)
        .map(run::run)
        .orElse(new ProcessedCommands(0, 0, List.of()));
  }
}
