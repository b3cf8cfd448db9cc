package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Workflows whose pages are tested. */
final class PageSamples {
  /** Markup, a script, an attribute, a link that runs, marks of direction, and escape sequences. */
  static final String HOSTILE =
      "</script></style></title><script>document.title='owned'</script><img src=x"
          + " onerror=\"document.title='owned'\"> ' onload='alert(1)' javascript:alert(1)"
          + " \u202eevil\u2066 \u001b[2J\u0007 &lt;b&gt; ]]> -->";

  private static final Instant START = Instant.parse("2026-11-23T09:00:00Z");

  private PageSamples() {}

  private static ExecutionPointer.Builder step(
      String id, int number, String name, PointerStatus status, double from, double to) {
    ExecutionPointer.Builder step =
        ExecutionPointer.builder(id, number)
            .stepName(name)
            .status(status)
            .active(!status.isEnd())
            .startTime(at(from));
    return to < 0 ? step : step.endTime(at(to));
  }

  private static Instant at(double seconds) {
    return START.plus(Duration.ofMillis(Math.round(seconds * 1_000)));
  }

  private static JsonNode json(String key, String value) {
    return JsonNodeFactory.instance.objectNode().put(key, value);
  }

  /** An order with branches, waits, a failure, compensation and events. */
  static String createOrder(PostgresPersistenceProvider store) {
    String id = "order-4711";
    List<String> block = List.of("both");
    List<ExecutionPointer> steps =
        List.of(
            step("check", 0, "check order", PointerStatus.COMPLETE, 1, 9)
                .outcome(json("decision", "accepted"))
                .build(),
            step("both", 1, "pay and pack", PointerStatus.COMPLETE, 9, 190)
                .predecessorId("check")
                .children(List.of("pay", "reserve"))
                .build(),
            step("reserve", 2, "reserve stock", PointerStatus.COMPENSATED, 10, 34)
                .scope(block)
                .build(),
            step("pack", 3, "pack parcel", PointerStatus.COMPLETE, 40, 96)
                .scope(block)
                .predecessorId("reserve")
                .eventName("activity result")
                .eventKey("pack")
                .build(),
            step("insure", 4, "insure", PointerStatus.SKIPPED, 96, 97)
                .scope(block)
                .predecessorId("pack")
                .build(),
            step("pay", 5, "charge card", PointerStatus.FAILED, 10, 62)
                .scope(block)
                .retryCount(3)
                .build(),
            step("paid", 6, "await payment", PointerStatus.COMPLETE, 62, 188)
                .scope(block)
                .predecessorId("pay")
                .eventName("paid")
                .eventKey(id)
                .eventData(json("amount", "49.90"))
                .build(),
            step("label", 7, "print label", PointerStatus.COMPLETE, 190, 204)
                .predecessorId("both")
                .build(),
            step("cool", 8, "withdrawal period", PointerStatus.SLEEPING, 204, -1)
                .predecessorId("label")
                .sleepUntil(at(14 * 86_400 + 204))
                .build());
    store.create(
        WorkflowInstance.builder("order", 3)
            .id(id)
            .reference("customer 1001")
            .description("Two books, express delivery")
            .createTime(START)
            .nextExecution(at(14 * 86_400 + 204).toEpochMilli())
            .data(
                JsonNodeFactory.instance
                    .objectNode()
                    .put("customer", 1001)
                    .put("total", 49.9)
                    .set("lines", JsonNodeFactory.instance.arrayNode().add("book").add("book")))
            .executionPointers(steps)
            .build());
    store.persistErrors(
        IntStream.of(14, 32, 61)
            .mapToObj(
                second ->
                    new ExecutionError(
                        at(second), id, "pay", "bank: the card was refused (insufficient funds)"))
            .toList());
    store.createEvent(
        Event.builder("paid", id).eventTime(at(187)).eventData(json("amount", "49.90")).build());
    return id;
  }

  /** Everything that can be hostile is. */
  static String createHostile(PostgresPersistenceProvider store) {
    String id = "javascript:alert(1)//" + HOSTILE;
    ExecutionPointer block = step("b " + HOSTILE, 0, HOSTILE, PointerStatus.RUNNING, 0, -1).build();
    ExecutionPointer wait =
        step("w " + HOSTILE, 1, "x".repeat(1_000), PointerStatus.WAITING_FOR_EVENT, 2, -1)
            .scope(List.of(block.id()))
            .eventName(HOSTILE)
            .eventKey(HOSTILE)
            .persistenceData(TextNode.valueOf("y".repeat(1_000_000)))
            .contextItem(TextNode.valueOf(HOSTILE))
            .extensionAttributes(Map.of(HOSTILE, TextNode.valueOf(HOSTILE)))
            .build();
    store.create(
        WorkflowInstance.builder(HOSTILE, 1)
            .id(id)
            .name("n " + HOSTILE)
            .reference(HOSTILE)
            .description(HOSTILE + "z".repeat(1_000_000))
            .nextExecution(0L)
            .data(json(HOSTILE, HOSTILE))
            .executionPointers(List.of(block, wait))
            .build());
    store.persistErrors(
        List.of(new ExecutionError(Instant.now(), id, wait.id(), HOSTILE + "\n" + HOSTILE)));
    String subscription =
        store.createEventSubscription(
            EventSubscription.builder(id, wait.id(), HOSTILE, HOSTILE)
                .subscribeAsOf(START)
                .build());
    store.setSubscriptionToken(subscription, "secret-token", HOSTILE, Duration.ofHours(1));
    store.createEvent(Event.builder(HOSTILE, HOSTILE).eventTime(at(3)).build());
    return id;
  }

  /** A block with many branches, and a long chain before it. */
  static String createLarge(PostgresPersistenceProvider store, int count) {
    List<ExecutionPointer> steps = new ArrayList<>();
    int chain = count / 2;
    for (int i = 0; i < chain; i++) {
      steps.add(
          step("large-" + i, i, "row " + i, PointerStatus.COMPLETE, i, i + 0.8)
              .outcome(json("row", "r" + i))
              .build());
    }
    steps.add(step("large-block", chain, "for each", PointerStatus.RUNNING, chain, -1).build());
    for (int i = chain + 1; i < count; i++) {
      PointerStatus status = i % 97 == 0 ? PointerStatus.FAILED : PointerStatus.COMPLETE;
      steps.add(
          step("large-" + i, i, "item " + i, status, chain + i % 40, chain + 60 + i % 7)
              .scope(List.of("large-block"))
              .contextItem(json("item", "i" + i))
              .build());
    }
    store.create(
        WorkflowInstance.builder("import", 1)
            .id("large")
            .createTime(START)
            .executionPointers(steps)
            .build());
    return "large";
  }

  /** Workflows of the last hours, ended, failed, due and waiting. */
  static void createMany(PostgresPersistenceProvider store) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.HOURS);
    List<WorkflowInstance> all = new ArrayList<>();
    List<ExecutionError> errors = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      Instant created = now.minus(Duration.ofMinutes((i * 37L * (1 + i % 3)) % 1_380));
      String id = "many-" + i;
      boolean isDone = i % 8 != 0;
      WorkflowInstance.Builder one =
          WorkflowInstance.builder(List.of("order", "invoice", "refund").get(i % 3), 1)
              .id(id)
              .createTime(created);
      all.add(
          isDone
              ? one.status(WorkflowStatus.COMPLETE)
                  .completeTime(created.plusMillis(400L * (1 + i % 90) * (1 + i % 3)))
                  .nextExecution(null)
                  .build()
              : one.nextExecution(i % 16 == 0 ? created.toEpochMilli() : null).build());
      if (i % 11 == 0) {
        errors.add(
            new ExecutionError(
                created.plusSeconds(3),
                id,
                id + "-pay",
                i % 22 == 0 ? "bank: the card was refused" : "stock service: read timed out"));
      }
    }
    store.createAll(all);
    store.persistErrors(errors);
    for (int i = 0; i < 24; i++) {
      String subscription =
          store.createEventSubscription(
              EventSubscription.builder(
                      "many-" + i * 8,
                      "p" + i,
                      i % 4 == 0 ? "activity offer" : "paid",
                      i % 4 == 0 ? "pack" : "many-" + i)
                  .subscribeAsOf(now.minus(Duration.ofHours(3L * i)))
                  .build());
      if (i % 4 == 0) {
        store.setSubscriptionToken(subscription, "t" + i, "worker-" + i, Duration.ofHours(1));
      }
    }
  }
}
