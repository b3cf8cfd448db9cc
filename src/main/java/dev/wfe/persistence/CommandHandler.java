package dev.wfe.persistence;

import dev.wfe.model.ScheduledCommand;

/** Executes due commands for {@link ScheduledCommandRepository#processCommands}. */
@FunctionalInterface
public interface CommandHandler {
  /**
   * Executes the command. It may call the provider. It should be idempotent (at-least-once
   * delivery): if the host dies after the handler returned and before the command was deleted, the
   * command is handed out again.
   *
   * <p>If it throws anything, the command stays due for a later call, and the remaining commands
   * are executed. This holds for every {@link Error}, including {@link VirtualMachineError} and
   * {@code ThreadDeath}. The call reports what was thrown in {@link ProcessedCommands#failures()}.
   * A host that has to stop on such an error checks the failures, or lets the virtual machine exit
   * ({@code -XX:+ExitOnOutOfMemoryError}).
   *
   * @throws InterruptedException to leave the command due and end the call
   * @throws Exception to leave the command due
   */
  void handle(ScheduledCommand command) throws Exception;
}
