package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ScheduledCommand;

/**
 * A command that this call has claimed. Immutable.
 *
 * @param id the primary key of the row
 * @param command the command as it was when it was claimed
 * @param xmin the version of the row when it was claimed
 */
record ClaimedCommand(long id, ScheduledCommand command, String xmin) {
  String data() {
    return command.data();
  }
}
