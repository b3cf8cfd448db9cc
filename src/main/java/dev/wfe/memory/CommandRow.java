package dev.wfe.memory;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;

/** A stored command. Guarded by the lock of {@link MemoryTables}. */
final class CommandRow {
  /** What identifies a command. */
  record Key(CommandName commandName, String data) {
    static Key of(ScheduledCommand command) {
      return new Key(command.commandName(), command.data());
    }
  }

  ScheduledCommand command;

  /** Whether a handler is working on it. */
  boolean claimed;

  /** Whether it was scheduled again since it was claimed. */
  boolean rescheduled;

  CommandRow(ScheduledCommand command) {
    this.command = command;
  }
}
