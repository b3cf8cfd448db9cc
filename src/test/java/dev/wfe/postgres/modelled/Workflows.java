package dev.wfe.postgres.modelled;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Instances with their pointers, and the changes that hosts make. */
final class Workflows {
  private Workflows() {}

  /** An instance built by hand, with the id or without one. */
  static Arbitrary<WorkflowInstance> instances(Arbitrary<String> ids) {
    return Combinators.combine(ids, Texts.keysOrEmpty("n"), pointers(), edits())
        .as(
            (id, name, pointers, changes) ->
                Edit.all(
                    WorkflowInstance.builder("definition", 1)
                        .id(id)
                        .name(name)
                        .createTime(Values.NOON)
                        .executionPointers(pointers)
                        .build(),
                    changes));
  }

  /** What one pass of a host changes. */
  static Arbitrary<List<Edit<WorkflowInstance>>> edits() {
    return Arbitraries.frequencyOf(Tuple.of(3, fieldEdits()), Tuple.of(2, pointerEdits()))
        .list()
        .ofMaxSize(3);
  }

  private static Arbitrary<Edit<WorkflowInstance>> fieldEdits() {
    return Arbitraries.<Edit<WorkflowInstance>>oneOf(
        field("status", Arbitraries.of(WorkflowStatus.class), WorkflowInstance.Builder::status),
        field(
            "nextExecution",
            Values.millis().injectNull(0.2),
            WorkflowInstance.Builder::nextExecution),
        field("data", Values.documents(), WorkflowInstance.Builder::data),
        field("name", Texts.keys("n"), WorkflowInstance.Builder::name),
        field("id", Texts.keys("w"), WorkflowInstance.Builder::id),
        field(
            "root",
            Texts.keysOrEmpty("w").injectNull(0.2),
            WorkflowInstance.Builder::rootWorkflowId),
        field("description", Texts.free().injectNull(0.2), WorkflowInstance.Builder::description),
        field("priority", Arbitraries.of(Priority.class), WorkflowInstance.Builder::priority),
        field(
            "limitKey", Texts.keysOrEmpty("k").injectNull(0.2), WorkflowInstance.Builder::limitKey),
        field("reference", Texts.keysOrEmpty("r"), WorkflowInstance.Builder::reference),
        field("version", Values.numbers(), WorkflowInstance.Builder::version),
        field("definition", Texts.keysOrEmpty("d"), WorkflowInstance.Builder::workflowDefinitionId),
        field("createTime", Values.times(), WorkflowInstance.Builder::createTime),
        field(
            "completeTime", Values.times().injectNull(0.2), WorkflowInstance.Builder::completeTime),
        Arbitraries.just(
            edit("without its revision", instance -> instance.toBuilder().revision(null).build())));
  }

  private static <V> Arbitrary<Edit<WorkflowInstance>> field(
      String name, Arbitrary<V> values, Setter<V> setter) {
    return Edit.of(
        name, values, (instance, value) -> setter.set(instance.toBuilder(), value).build());
  }

  @FunctionalInterface
  private interface Setter<V> {
    WorkflowInstance.Builder set(WorkflowInstance.Builder builder, V value);
  }

  private static Arbitrary<Edit<WorkflowInstance>> pointerEdits() {
    Arbitrary<Integer> places = Arbitraries.integers().between(0, 5);
    return Arbitraries.<Edit<WorkflowInstance>>oneOf(
        pointers().map(all -> editPointers("pointers=" + Described.of(all), old -> all)),
        Combinators.combine(places, pointer())
            .as(
                (place, added) ->
                    editPointers(
                        "at %s %s".formatted(place, Described.of(added)),
                        old -> with(old, place, added))),
        places.map(place -> editPointers("without pointer " + place, old -> without(old, place))),
        Combinators.combine(places, pointerChanges())
            .as(
                (place, changes) ->
                    editPointers(
                        "pointer %s with %s".formatted(place, changes),
                        old -> changed(old, place, changes))),
        Arbitraries.just(editPointers("pointers backwards", Workflows::backwards)),
        Arbitraries.just(
            editPointers(
                "pointers as equal ones",
                old -> old.stream().map(pointer -> pointer.toBuilder().build()).toList())));
  }

  private static Edit<WorkflowInstance> edit(String text, UnaryOperator<WorkflowInstance> change) {
    return new Edit<>(text, change);
  }

  private static Edit<WorkflowInstance> editPointers(
      String text, UnaryOperator<List<ExecutionPointer>> change) {
    return edit(
        text,
        instance ->
            instance.toBuilder()
                .executionPointers(change.apply(instance.executionPointers()))
                .build());
  }

  private static List<ExecutionPointer> with(
      List<ExecutionPointer> old, int place, ExecutionPointer added) {
    List<ExecutionPointer> pointers = new ArrayList<>(old);
    pointers.add(place % (old.size() + 1), added);
    return pointers;
  }

  private static List<ExecutionPointer> without(List<ExecutionPointer> old, int place) {
    List<ExecutionPointer> pointers = new ArrayList<>(old);
    if (!pointers.isEmpty()) {
      pointers.remove(place % old.size());
    }
    return pointers;
  }

  private static List<ExecutionPointer> changed(
      List<ExecutionPointer> old, int place, List<Edit<ExecutionPointer.Builder>> changes) {
    List<ExecutionPointer> pointers = new ArrayList<>(old);
    if (!pointers.isEmpty()) {
      int index = place % old.size();
      pointers.set(index, Edit.all(old.get(index).toBuilder(), changes).build());
    }
    return pointers;
  }

  private static List<ExecutionPointer> backwards(List<ExecutionPointer> old) {
    List<ExecutionPointer> pointers = new ArrayList<>(old);
    Collections.reverse(pointers);
    return pointers;
  }

  /** Few or more than few: statements are made differently for the two. */
  private static Arbitrary<List<ExecutionPointer>> pointers() {
    return Arbitraries.frequencyOf(
        Tuple.of(5, pointer().list().ofMaxSize(2)),
        Tuple.of(
            1,
            Arbitraries.integers()
                .between(3, 8)
                .map(
                    count ->
                        Texts.legal("p").stream().limit(count).map(Workflows::plain).toList())),
        Tuple.of(1, pointer().list().ofMaxSize(6)));
  }

  private static ExecutionPointer plain(String id) {
    return ExecutionPointer.builder(id, 0).build();
  }

  private static Arbitrary<ExecutionPointer> pointer() {
    return Combinators.combine(Texts.keys("p"), pointerChanges())
        .as((id, changes) -> Edit.all(ExecutionPointer.builder(id, 0), changes).build());
  }

  private static Arbitrary<List<Edit<ExecutionPointer.Builder>>> pointerChanges() {
    return Arbitraries.<Edit<ExecutionPointer.Builder>>oneOf(
            Edit.of("stepId", Values.numbers(), ExecutionPointer.Builder::stepId),
            Edit.of("active", Arbitraries.of(false, true), ExecutionPointer.Builder::active),
            Edit.of(
                "status", Arbitraries.of(PointerStatus.class), ExecutionPointer.Builder::status),
            Edit.of(
                "sleepUntil", Values.times().injectNull(0.2), ExecutionPointer.Builder::sleepUntil),
            Edit.of(
                "persistenceData",
                Values.documents().injectNull(0.2),
                ExecutionPointer.Builder::persistenceData),
            Edit.of("startTime", Values.times(), ExecutionPointer.Builder::startTime),
            Edit.of("endTime", Values.times(), ExecutionPointer.Builder::endTime),
            Edit.of("eventName", Texts.keysOrEmpty("event"), ExecutionPointer.Builder::eventName),
            Edit.of("eventKey", Values.keys(), ExecutionPointer.Builder::eventKey),
            Edit.of(
                "published", Arbitraries.of(false, true), ExecutionPointer.Builder::eventPublished),
            Edit.of("eventData", Values.documents(), ExecutionPointer.Builder::eventData),
            Edit.of("stepName", Texts.free(), ExecutionPointer.Builder::stepName),
            Edit.of("retryCount", Values.numbers(), ExecutionPointer.Builder::retryCount),
            Edit.of("contextItem", Values.documents(), ExecutionPointer.Builder::contextItem),
            Edit.of("predecessorId", Texts.keys("p"), ExecutionPointer.Builder::predecessorId),
            Edit.of("outcome", Values.documents(), ExecutionPointer.Builder::outcome),
            Edit.of(
                "children",
                Texts.keys("p").list().ofMaxSize(3),
                ExecutionPointer.Builder::children),
            Edit.of("scope", Texts.keys("p").list().ofMaxSize(3), ExecutionPointer.Builder::scope),
            Edit.of(
                "attributes",
                Arbitraries.maps(Texts.keysOrEmpty("a"), Values.documents()).ofMaxSize(2),
                Workflows::withAttributes))
        .list()
        .ofMaxSize(3);
  }

  private static ExecutionPointer.Builder withAttributes(
      ExecutionPointer.Builder builder, Map<String, JsonNode> attributes) {
    return builder.extensionAttributes(attributes);
  }
}
