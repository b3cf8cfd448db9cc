package dev.wfe.postgres.internal.repository;

import dev.wfe.model.ScheduledCommand;

/**
 * A command that is ours to handle.
 *
 * @param id the row's key
 * @param command what it is, as it was claimed
 * @param xmin the version of the row that was claimed
 */
record ClaimedCommand(long id, ScheduledCommand command, String xmin) {
  String data() {
    return command.data();
  }
}
