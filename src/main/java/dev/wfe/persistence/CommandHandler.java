package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;

/** Carries out due commands for {@link ScheduledCommandRepository#processCommands}. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Carries out the command. May call the provider. Should be repeatable: a command whose handler
   * returned is handed out again if the host dies before that is noted.
   *
   * @throws Exception to leave the command due, for a later call
   */
  void handle(ScheduledCommand command) throws Exception;
}
