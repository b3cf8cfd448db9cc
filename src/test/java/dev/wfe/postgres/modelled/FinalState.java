package dev.wfe.postgres.modelled;

import dev.wfe.model.ScheduledCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Everything in a store, as the operations return it. */
public final class FinalState {
  private FinalState() {}

  /** What a store says when it is asked for one of the things that it may hold. */
  public record Answer(String question, Object given) {
    @Override
    public String toString() {
      return question + ": " + Described.of(given);
    }
  }

  /** What stores that hold the same answer the same about. */
  public static List<Answer> of(CallContext context) {
    return of(context, Texts::legal);
  }

  /** As {@link #of(CallContext)}, of the ids that begin with each prefix. */
  public static List<Answer> of(CallContext context, Function<String, List<String>> idsOf) {
    List<Call> questions = new ArrayList<>();
    ids(context, idsOf.apply("w")).forEach(id -> questions.add(WorkflowCalls.read(id)));
    ids(context, idsOf.apply("e")).forEach(id -> questions.add(EventCalls.read(id)));
    ids(context, idsOf.apply("s")).forEach(id -> questions.add(SubscriptionCalls.read(id)));
    questions.add(
        Call.of("runnable instances", on -> on.store().getRunnableInstances(Instant.MAX)));
    questions.add(Call.of("runnable events", on -> on.store().getRunnableEvents(Instant.MAX)));
    questions.add(Call.of("commands", FinalState::commands));
    idsOf
        .apply("d")
        .forEach(
            id ->
                questions.add(Call.of("next of", on -> on.store().nextDefinitionSequence(id), id)));
    return questions.stream()
        .map(question -> new Answer(question.text(), question.outcome(context)))
        .toList();
  }

  private static Stream<Id> ids(CallContext context, List<String> texts) {
    Stream<Id> given = texts.stream().map(text -> new Id(text, 0));
    Stream<Id> assigned =
        Stream.iterate(0, back -> back + 1)
            .limit(context.assigned().size())
            .map(back -> new Id(null, back));
    return Stream.concat(given, assigned);
  }

  /** They stay, because the handler fails; read in no more than one call. */
  private static Object commands(CallContext context) {
    List<ScheduledCommand> seen = new ArrayList<>();
    context
        .store()
        .processCommands(
            Instant.MAX,
            command -> {
              seen.add(command);
              throw new IllegalStateException("only looks");
            });
    return seen;
  }
}
