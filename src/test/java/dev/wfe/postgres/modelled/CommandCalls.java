package dev.wfe.postgres.modelled;

import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Calls of {@code ScheduledCommandRepository}, and of {@code persistErrors}. */
public final class CommandCalls {
  private CommandCalls() {}

  static Arbitrary<Call> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Values.commands().map(CommandCalls::schedule)),
        Tuple.of(4, Values.commands().map(CommandCalls::scheduleAtEarliest)),
        Tuple.of(
            6,
            Combinators.combine(Values.bounds(), reactions().list().ofMaxSize(4))
                .as(CommandCalls::process)),
        Tuple.of(
            1,
            Arbitraries.just(
                Call.of(
                    "supportsScheduledCommands",
                    context -> context.store().supportsScheduledCommands()))),
        Tuple.of(2, Values.errors().list().ofMaxSize(6).map(CommandCalls::persistErrors)));
  }

  public static Call schedule(ScheduledCommand command) {
    return Call.ofChange(
        "scheduleCommand", context -> context.store().scheduleCommand(command), command);
  }

  public static Call scheduleAtEarliest(ScheduledCommand command) {
    return Call.ofChange(
        "scheduleCommandAtEarliest",
        context -> context.store().scheduleCommandAtEarliest(command),
        command);
  }

  private static Call persistErrors(List<ExecutionError> errors) {
    return Call.ofChange("persistErrors", context -> context.store().persistErrors(errors), errors);
  }

  /** What a handler does about its command, in this order. */
  public record Reaction(List<Move> moves, End end) {}

  /** The command is scheduled once more while it is handled. */
  record Move(boolean atEarliest, long executeTime) {}

  public enum End {
    RETURNS,
    THROWS,
    THROWS_CHECKED,
    BREAKS
  }

  /** A handler touches no other command: whether that one's turn has come by then is open. */
  private static Arbitrary<Reaction> reactions() {
    Arbitrary<List<Move>> moves =
        Combinators.combine(Arbitraries.of(false, true), Values.millis())
            .as(Move::new)
            .list()
            .ofMaxSize(2);
    Arbitrary<End> ends =
        Arbitraries.frequency(
            Tuple.of(10, End.RETURNS),
            Tuple.of(4, End.THROWS),
            Tuple.of(2, End.THROWS_CHECKED),
            Tuple.of(1, End.BREAKS));
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(List.<Move>of())), Tuple.of(1, moves)),
            ends)
        .as(Reaction::new);
  }

  /** Gives what was handed out, and what came of it; reactions take turns. */
  public static Call process(Instant asOf, List<Reaction> reactions) {
    return Call.of(
        "processCommands",
        context -> {
          List<Object> seen = new ArrayList<>();
          try {
            ProcessedCommands processed =
                context.store().processCommands(asOf, handler(context, reactions, seen));
            return List.of(seen, processed);
          } catch (HandlerError broken) {
            return List.of(seen, broken);
          }
        },
        asOf,
        reactions);
  }

  private static CommandHandler handler(
      CallContext context, List<Reaction> reactions, List<Object> seen) {
    return command -> {
      seen.add(command);
      if (reactions.isEmpty()) {
        return;
      }
      Reaction reaction = reactions.get((seen.size() - 1) % reactions.size());
      for (Move move : reaction.moves()) {
        ScheduledCommand moved = command.toBuilder().executeTime(move.executeTime()).build();
        if (move.atEarliest()) {
          context.store().scheduleCommandAtEarliest(moved);
        } else {
          context.store().scheduleCommand(moved);
        }
      }
      switch (reaction.end()) {
        case RETURNS -> {}
        case THROWS -> throw new IllegalStateException("the handler failed");
        case THROWS_CHECKED -> throw new IOException("the handler failed");
        case BREAKS -> throw new HandlerError();
      }
    };
  }
}
