package dev.wfe.memory;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A stored command. Immutable.
 *
 * @param number its place among all commands, in the order in which they were first scheduled
 * @param claim identifies the call whose handler is working on it; null if there is none
 * @param rescheduled whether it was scheduled again since it was claimed
 */
record CommandRow(
    long number, ScheduledCommand command, @Nullable Object claim, boolean rescheduled) {
  static final Comparator<CommandRow> ORDER =
      Comparator.<CommandRow>comparingLong(row -> row.command().executeTime())
          .thenComparingLong(CommandRow::number);

  /** What identifies a command. */
  record Key(CommandName commandName, String data) {
    static Key of(ScheduledCommand command) {
      return new Key(command.commandName(), command.data());
    }
  }

  Key key() {
    return Key.of(command);
  }
}
