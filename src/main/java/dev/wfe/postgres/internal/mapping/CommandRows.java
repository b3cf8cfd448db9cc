package dev.wfe.postgres.internal.mapping;

import dev.wfe.model.ScheduledCommand;

/** Commands as rows of {@code scheduled_commands}. */
final class CommandRows {
  static final String TABLE = "scheduled_commands";

  private CommandRows() {}

  /** The command in the row. */
  static <X extends Exception> ScheduledCommand read(Row<X> row) throws X {
    return new ScheduledCommand(
        row.word("command_name", Words::commandName), row.text("data"), row.bigint("execute_time"));
  }
}
