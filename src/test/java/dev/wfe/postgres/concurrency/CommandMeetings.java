package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Gate.COMMAND;
import static dev.wfe.postgres.concurrency.Gate.NEW_COMMAND;
import static dev.wfe.postgres.concurrency.Things.SCHEDULE_W1;
import static dev.wfe.postgres.concurrency.Things.command;

import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.CommandCalls;
import dev.wfe.postgres.modelled.CommandCalls.End;
import dev.wfe.postgres.modelled.CommandCalls.Reaction;
import java.time.Instant;
import java.util.List;

/**
 * Verbs that meet at a command. Whoever processes passes over what another session is at, so no
 * gate stops it; the others come between its statements. It is not one step: of two that process,
 * the one leaves out what the other has claimed, and what fails then was not seen by both.
 */
final class CommandMeetings {
  private static final Instant DUE = Instant.ofEpochMilli(10);
  private static final Call PROCESS = CommandCalls.process(DUE, List.of());
  private static final Call FAIL =
      CommandCalls.process(DUE, List.of(new Reaction(List.of(), End.THROWS)));

  private CommandMeetings() {}

  static List<Meeting> all() {
    return List.of(
        Meeting.of("schedule, schedule", at("w1", 5), at("w1", 7), COMMAND).after(SCHEDULE_W1),
        Meeting.of("schedule new, schedule new", at("w3", 5), at("w3", 7), NEW_COMMAND),
        Meeting.of("schedule, schedule at the earliest", at("w1", 3), earliest("w1", 2), COMMAND)
            .after(at("w1", 5)),
        Meeting.of(
            "schedule new, schedule new at the earliest",
            at("w3", 3),
            earliest("w3", 2),
            NEW_COMMAND),
        Meeting.of(
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
        Meeting.of("fail, schedule for later", FAIL, at("w1", 1_000)).after(SCHEDULE_W1));
  }

  private static Call at(String data, long time) {
    return CommandCalls.schedule(command(data, time));
  }

  private static Call earliest(String data, long time) {
    return CommandCalls.scheduleAtEarliest(command(data, time));
  }

  private static Meeting processing(String name, Call other) {
    return Meeting.of(name, PROCESS, other).after(SCHEDULE_W1);
  }
}
