package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Fixtures.SCHEDULE_W1;
import static dev.wfe.postgres.concurrency.Fixtures.command;
import static dev.wfe.postgres.concurrency.LockPoint.COMMAND;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_COMMAND;

import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.CommandCalls;
import dev.wfe.postgres.modelled.CommandCalls.End;
import dev.wfe.postgres.modelled.CommandCalls.Reaction;
import java.time.Instant;
import java.util.List;

/**
 * Concurrent operations on a command. Processing skips commands that another session has locked, so
 * it never waits for a lock; the other call runs between its statements. Processing is not atomic:
 * of two calls, each skips what the other has claimed, and a failing command is seen by one only.
 */
final class CommandInterleavings {
  private static final Instant DUE = Instant.ofEpochMilli(10);
  private static final Call PROCESS = CommandCalls.process(DUE, List.of());
  private static final Call FAIL =
      CommandCalls.process(DUE, List.of(new Reaction(List.of(), End.THROWS)));

  private CommandInterleavings() {}

  static List<Interleaving> all() {
    return List.of(
        Interleaving.of("schedule, schedule", at("w1", 5), at("w1", 7), COMMAND).after(SCHEDULE_W1),
        Interleaving.of("schedule new, schedule new", at("w3", 5), at("w3", 7), NEW_COMMAND),
        Interleaving.of(
                "schedule, schedule at the earliest", at("w1", 3), earliest("w1", 2), COMMAND)
            .after(at("w1", 5)),
        Interleaving.of(
            "schedule new, schedule new at the earliest",
            at("w3", 3),
            earliest("w3", 2),
            NEW_COMMAND),
        Interleaving.of(
                "schedule at the earliest, schedule at the earliest",
                earliest("w1", 3),
                earliest("w1", 2),
                COMMAND)
            .after(at("w1", 5)),
        processing("process, process", PROCESS),
        processing("process, schedule at the same time", at("w1", 0)),
        processing("process, schedule for later", at("w1", 1_000)),
        processing("process, schedule at the earliest", earliest("w1", 5)),
        processing("process, schedule at the earliest, for later", earliest("w1", 1_000)),
        Interleaving.of("fail, schedule for later", FAIL, at("w1", 1_000)).after(SCHEDULE_W1));
  }

  private static Call at(String data, long time) {
    return CommandCalls.schedule(command(data, time));
  }

  private static Call earliest(String data, long time) {
    return CommandCalls.scheduleAtEarliest(command(data, time));
  }

  private static Interleaving processing(String name, Call other) {
    return Interleaving.of(name, PROCESS, other).after(SCHEDULE_W1);
  }
}
