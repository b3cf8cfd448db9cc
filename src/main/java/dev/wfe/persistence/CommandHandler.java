package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;

/** Carries out due commands for {@link ScheduledCommandRepository#processCommands}. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Carries out the command. May call the provider. Should be repeatable: a command whose handler
   * returned is handed out again if the host dies before that is noted.
   *
   * <p>Whatever it throws leaves the command due for a later call, and the other commands go on.
   * That includes every {@link Error}, {@link VirtualMachineError} and {@code ThreadDeath} too: the
   * call reports it in {@link ProcessedCommands#failures()}. A host that is to stop on one of them
   * looks there, or has the virtual machine exit ({@code -XX:+ExitOnOutOfMemoryError}).
   *
   * @throws InterruptedException to leave the command due and end the call
   * @throws Exception to leave the command due
   */
  void handle(ScheduledCommand command) throws Exception;
}
