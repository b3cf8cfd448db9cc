package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Recorder;
import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.ProcessedCommands;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Schedules commands and handles them. Not thread-safe. */
public final class CommandActions implements Actions {
  /** What a handler throws on purpose. */
  public static final String HANDLER_FAILED = "HandlerFailed";

  private static final int KEYS = 3;
  private static final long KEY_MILLIS = 100;
  private static final int MAX_WORK_MICROS = 3_000;

  private final Caller caller;
  private final Actions inHandler;

  /** With what handlers do besides, now and then. */
  CommandActions(Caller caller, Actions inHandler) {
    this.caller = caller;
    this.inHandler = inHandler;
  }

  @Override
  public void step() {
    int choice = caller.random().nextInt(10);
    if (choice < 4) {
      schedule(OperationNames.SCHEDULE);
    } else if (choice < 6) {
      schedule(OperationNames.SCHEDULE_AT_EARLIEST);
    } else {
      process(Instant.now(), true);
    }
  }

  private void schedule(String called) {
    CommandName name =
        caller.random().nextBoolean() ? CommandName.PROCESS_WORKFLOW : CommandName.PROCESS_EVENT;
    schedule(called, name, caller.hotKey("command", KEYS, KEY_MILLIS));
  }

  private void schedule(String called, CommandName name, String data) {
    ScheduledCommand command =
        new ScheduledCommand(
            name, data, System.currentTimeMillis() + caller.random().nextInt(10) - 5);
    caller
        .recorder()
        .call(
            called,
            key(command.commandName().word(), command.data()),
            Map.of(),
            () -> {
              if (called.equals(OperationNames.SCHEDULE)) {
                caller.provider().scheduleCommand(command);
              } else {
                caller.provider().scheduleCommandAtEarliest(command);
              }
            });
  }

  static String key(String word, String data) {
    return word + " " + data;
  }

  /**
   * Handles what is due, and gives how many commands those were.
   *
   * @param atWork whether handlers fail now and then, and call the store
   */
  long process(Instant asOf, boolean atWork) {
    Recorder recorder = caller.recorder();
    String call = recorder.begin(OperationNames.PROCESS, "", Map.of());
    return recorder
        .end(
            call,
            () -> caller.provider().processCommands(asOf, command -> handle(call, command, atWork)),
            processed -> Map.of("handled", processed.handled(), "failed", processed.failed()))
        .map(ProcessedCommands::handled)
        .orElse(0L);
  }

  private void handle(String call, ScheduledCommand command, boolean atWork) {
    Recorder recorder = caller.recorder();
    String key = key(command.commandName().word(), command.data());
    String id = recorder.begin(OperationNames.HANDLE, key, Map.of("call", call));
    if (caller.inPercent(30)) {
      LockSupport.parkNanos(
          TimeUnit.MICROSECONDS.toNanos(caller.random().nextInt(MAX_WORK_MICROS)));
    }
    boolean callsStore = atWork && caller.inPercent(20);
    if (callsStore) {
      callStore(command);
    }
    if (atWork && caller.inPercent(10)) {
      recorder.refused(id, HANDLER_FAILED);
      throw new IllegalStateException("A handler that fails on purpose");
    }
    recorder.ok(id, callsStore);
  }

  /** Schedules the command that is being handled, or does something else. */
  private void callStore(ScheduledCommand command) {
    if (caller.inPercent(50)) {
      schedule(OperationNames.SCHEDULE, command.commandName(), command.data());
    } else {
      inHandler.step();
    }
  }
}
