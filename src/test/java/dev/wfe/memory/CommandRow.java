package dev.wfe.memory;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;

/** A scheduled command as it is kept; guarded by the lock of {@link MemoryTables}. */
final class CommandRow {
  final CommandName commandName;
  final String data;
  long executeTime;

  /** While a handler is at it. */
  boolean claimed;

  /** Whether it was scheduled again since it was claimed. */
  boolean touched;

  CommandRow(ScheduledCommand command) {
    commandName = command.commandName();
    data = command.data();
    executeTime = command.executeTime();
  }

  boolean isOf(ScheduledCommand command) {
    return commandName == command.commandName() && data.equals(command.data());
  }

  ScheduledCommand command() {
    return new ScheduledCommand(commandName, data, executeTime);
  }
}
