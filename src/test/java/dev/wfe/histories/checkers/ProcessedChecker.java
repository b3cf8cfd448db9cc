package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.NotFoundException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether an event is processed is linearizable as a {@link ProcessedRegister}: a read returns what
 * the last call that marked it, or the last subscription that covers it, had left.
 */
public final class ProcessedChecker implements Checker {
  @Override
  public List<Violation> check(History history) {
    Map<String, List<Operation>> ofEvents =
        history.byKey(
            OperationNames.PUBLISH,
            OperationNames.READ_EVENT,
            OperationNames.MARK_PROCESSED,
            OperationNames.MARK_UNPROCESSED);
    Map<String, List<Operation>> subscriptions =
        history.of(OperationNames.SUBSCRIBE, OperationNames.PERSIST_SUBSCRIBING).stream()
            .filter(one -> one.outcome() != Outcome.REFUSED)
            .collect(Collectors.groupingBy(ProcessedChecker::topic));
    List<Violation> violations = new ArrayList<>();
    for (Operation event : history.of(OperationNames.PUBLISH)) {
      List<Operation> operations =
          Stream.concat(
                  ofEvents.getOrDefault(event.key(), List.of()).stream()
                      .filter(ProcessedChecker::saysSomething),
                  subscriptions.getOrDefault(topic(event), List.of()).stream()
                      .filter(one -> covers(one, event)))
              .toList();
      Linearizability.problem(new ProcessedRegister(), operations)
          .ifPresent(problem -> violations.add(new Violation("Processed", event.key(), problem)));
    }
    return violations;
  }

  private static String topic(Operation operation) {
    return operation.argument("eventName") + "/" + operation.argument("eventKey");
  }

  private static boolean covers(Operation subscription, Operation event) {
    return !Instant.parse(subscription.argument("asOf"))
        .isAfter(Instant.parse(event.argument("eventTime")));
  }

  /** A store that could not be asked tells nothing about the event. */
  private static boolean saysSomething(Operation operation) {
    return operation.outcome() != Outcome.REFUSED || operation.isRefusedAs(NotFoundException.class);
  }
}
