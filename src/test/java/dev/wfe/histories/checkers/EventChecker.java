package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import dev.wfe.histories.Operation;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Outcome;
import dev.wfe.persistence.NotFoundException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Events reach subscriptions. A history ends with everything delivered that can be found.
 *
 * <ol>
 *   <li>Every event that was published is delivered to every subscription that covers it, unless
 *       the subscription was terminated.
 *   <li>An event is not marked processed over an open subscription that covers it, and a mark is
 *       refused only for such a one.
 *   <li>An event is never read as processed while a subscription that covers it is open.
 *   <li>An event is delivered only to what covers it, and an event that was published is there.
 * </ol>
 */
public final class EventChecker implements Checker {
  private static final String PROMISE = "Event";

  @Override
  public List<Violation> check(History history) {
    return new Run(history).violations();
  }

  private static final class Run {
    private final History history;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<String, Operation> events;
    private final Map<String, Operation> subscriptions;
    private final Map<String, List<Operation>> byTopic;
    private final Map<String, List<Operation>> terminations;

    Run(History history) {
      this.history = history;
      events =
          history.of(OperationNames.PUBLISH).stream()
              .filter(event -> event.outcome() != Outcome.REFUSED)
              .collect(Collectors.toMap(Operation::key, event -> event));
      subscriptions =
          history.of(OperationNames.SUBSCRIBE, OperationNames.PERSIST_SUBSCRIBING).stream()
              .filter(subscription -> subscription.outcome() != Outcome.REFUSED)
              // Who found it there already, or had created it before, tells nothing new.
              .collect(
                  Collectors.toMap(
                      subscription -> subscription.argument("subscription"),
                      subscription -> subscription,
                      (one, other) -> one.isOk() ? one : other));
      byTopic = subscriptions.values().stream().collect(Collectors.groupingBy(Run::topic));
      terminations = history.byKey(OperationNames.TERMINATE);
    }

    private static String topic(Operation operation) {
      return operation.argument("eventName") + "/" + operation.argument("eventKey");
    }

    List<Violation> violations() {
      checkDelivered();
      checkMarks();
      checkDeliveries();
      checkKept();
      return violations;
    }

    private void add(Operation event, String message) {
      violations.add(new Violation(PROMISE, event.key(), message));
    }

    private List<Operation> covering(Operation event) {
      Instant time = Instant.parse(event.argument("eventTime"));
      return byTopic.getOrDefault(topic(event), List.of()).stream()
          .filter(one -> !Instant.parse(one.argument("asOf")).isAfter(time))
          .toList();
    }

    private List<Operation> terminationsOf(Operation subscription) {
      return terminations.getOrDefault(subscription.argument("subscription"), List.of()).stream()
          .filter(one -> one.outcome() != Outcome.REFUSED)
          .toList();
    }

    /** A persist whose end is unknown, but that somebody read, has subscribed too. */
    private Set<String> writesRead() {
      return history
          .of(OperationNames.READ, OperationNames.READ_BY_NAME, OperationNames.READ_MANY)
          .stream()
          .filter(Operation::isOk)
          .map(read -> read.result().path("write").asText())
          .collect(Collectors.toSet());
    }

    private void checkDelivered() {
      Set<String> delivered =
          history.of(OperationNames.DELIVER).stream()
              .map(delivery -> delivery.key() + " " + delivery.argument("subscription"))
              .collect(Collectors.toSet());
      Set<String> writesRead = writesRead();
      for (Operation event : events.values()) {
        if (!event.isOk()) {
          continue;
        }
        for (Operation subscription : covering(event)) {
          boolean exists =
              subscription.isOk() || writesRead.contains(subscription.argument("write"));
          if (exists
              && terminationsOf(subscription).isEmpty()
              && !delivered.contains(event.key() + " " + subscription.argument("subscription"))) {
            add(
                event,
                "lost: it never reached a subscription that covers it: %s; %s%s"
                    .formatted(event, subscription, marksOf(event)));
          }
        }
      }
    }

    private String marksOf(Operation event) {
      return history.of(OperationNames.MARK_PROCESSED).stream()
          .filter(mark -> mark.key().equals(event.key()))
          .map(mark -> "; " + mark)
          .collect(Collectors.joining());
    }

    private void checkMarks() {
      for (Operation mark : history.of(OperationNames.MARK_PROCESSED)) {
        Operation event = events.get(mark.key());
        if (!mark.isOk() || event == null) {
          continue;
        }
        if (mark.result().asBoolean()) {
          checkNotCovered(event, mark, "marked processed over an open subscription");
        } else if (covering(event).stream().noneMatch(one -> mayBeOpen(one, mark))) {
          add(
              event,
              "not marked processed, though no open subscription covers it: %s; %s"
                  .formatted(event, mark));
        }
      }
    }

    /** Whether marked or read so: no subscription that covers it was open all the while. */
    private void checkNotCovered(Operation event, Operation seen, String problem) {
      covering(event).stream()
          .filter(one -> one.isBefore(seen) && isOpenThroughout(one, seen))
          .findFirst()
          .ifPresent(open -> add(event, "%s: %s; %s; %s".formatted(problem, event, open, seen)));
    }

    private boolean isOpenThroughout(Operation subscription, Operation seen) {
      return terminationsOf(subscription).stream()
          .noneMatch(end -> end.invoked() <= seen.returned());
    }

    private boolean mayBeOpen(Operation subscription, Operation mark) {
      return subscription.invoked() <= mark.returned()
          && terminationsOf(subscription).stream().noneMatch(end -> end.isBefore(mark));
    }

    private void checkDeliveries() {
      Set<String> known = new HashSet<>();
      for (Operation delivery : history.of(OperationNames.DELIVER)) {
        Operation event = events.get(delivery.key());
        Operation subscription = subscriptions.get(delivery.argument("subscription"));
        if (event == null || subscription == null) {
          violations.add(
              new Violation(
                  PROMISE,
                  delivery.key(),
                  "delivered, but %s was not created: %s"
                      .formatted(event == null ? "the event" : "the subscription", delivery)));
        } else if (known.add(delivery.key() + " " + delivery.argument("subscription"))
            && !covering(event).contains(subscription)) {
          add(
              event,
              "delivered to a subscription that does not cover it: %s; %s; %s"
                  .formatted(event, subscription, delivery));
        }
      }
    }

    private void checkKept() {
      for (Operation read : history.of(OperationNames.READ_EVENT)) {
        Operation event = events.get(read.key());
        if (event != null && read.isOk() && read.result().asBoolean()) {
          checkNotCovered(event, read, "read as processed under an open subscription");
        }
        if (event == null) {
          if (read.isOk()) {
            violations.add(
                new Violation(PROMISE, read.key(), "read, but it was not created: " + read));
          }
        } else if (event.isBefore(read) && read.isRefusedAs(NotFoundException.class)) {
          add(event, "gone: %s; %s".formatted(event, read));
        }
      }
    }
  }
}
