package dev.wfe.bench.operations;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Creates subscriptions to topics without events. */
final class Topics {
  private Topics() {}

  /** Two subscriptions of the instance, each to a new topic. */
  static List<EventSubscription> two(WorkflowInstance instance) {
    return Stream.of("paid", "cancelled")
        .map(
            name ->
                EventSubscription.builder(
                        instance.id(),
                        instance.executionPointers().get(0).id(),
                        name,
                        UUID.randomUUID().toString())
                    .id(UUID.randomUUID().toString())
                    .subscribeAsOf(Instant.now())
                    .build())
        .toList();
  }
}
