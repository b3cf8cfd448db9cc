package dev.wfe.histories.workload;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.histories.OperationNames;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Creates, reads and persists instances. Every write has a unique name, which is in the instance's
 * data and in the pointers that it changed. Not thread-safe.
 */
public final class InstanceActions implements Actions {
  private static final int KEYS = 3;
  private static final long KEY_MILLIS = 1_000;
  private static final int MAX_POINTERS = 6;
  private static final int SOME = 5;

  /** Of every few instances one is also replaced, whatever it is by then. */
  private static final String REPLACED = "instance-0-";

  /** What such a write is based on. */
  public static final String ANYTHING = "*";

  private final Caller caller;
  private final Topics topics;

  /** What this thread read or wrote last, by id; others may have replaced it since. */
  private final Map<String, WorkflowInstance> held = new HashMap<>();

  InstanceActions(Caller caller, Topics topics) {
    this.caller = caller;
    this.topics = topics;
  }

  @Override
  public void step() {
    String id = caller.hotKey("instance", KEYS, KEY_MILLIS);
    WorkflowInstance instance = held.get(id);
    if (instance == null) {
      held.values().removeIf(one -> caller.inPercent(10));
      if (caller.inPercent(20)) {
        create(id);
      }
      read(id);
    } else if (caller.inPercent(30)) {
      read(id);
    } else if (id.startsWith(REPLACED) && caller.inPercent(40)) {
      replace(instance);
    } else if (caller.inPercent(70)) {
      persist(instance);
    } else if (caller.inPercent(80)) {
      persistSubscribing(instance);
    } else {
      runnable();
    }
  }

  private void create(String id) {
    WorkflowInstance instance = byHand(id, "");
    caller
        .recorder()
        .call(
            OperationNames.CREATE,
            id,
            arguments(instance),
            () -> caller.provider().createNewWorkflow(instance),
            given -> null);
  }

  private WorkflowInstance byHand(String id, String base) {
    String write = caller.recorder().unique();
    return written(
        WorkflowInstance.builder("histories", 1)
            .id(id)
            .name("name of " + id)
            .executionPointers(List.of(pointer(write, 0)))
            .build(),
        write,
        base);
  }

  private void read(String id) {
    int way = caller.random().nextInt(3);
    switch (way) {
      case 0 -> read(caller, OperationNames.READ, id).ifPresent(read -> held.put(id, read));
      case 1 -> read(caller, OperationNames.READ_BY_NAME, id).ifPresent(read -> held.put(id, read));
      default -> read(caller, OperationNames.READ_MANY, id).ifPresent(read -> held.put(id, read));
    }
  }

  /** Reads the instance in one of the three ways. */
  static Optional<WorkflowInstance> read(Caller caller, String name, String id) {
    Supplier<WorkflowInstance> call =
        switch (name) {
          case OperationNames.READ -> () -> caller.provider().getWorkflowInstance(id);
          case OperationNames.READ_BY_NAME ->
              () -> caller.provider().getWorkflowInstanceByName("name of " + id);
          default -> () -> readMany(caller, id);
        };
    return caller
        .recorder()
        .call(
            name,
            id,
            Map.of(),
            call,
            read -> Map.of("write", writeOf(read), "content", contentOf(read)));
  }

  /** Missing ones are left out; here that is told as the other reads tell it. */
  private static WorkflowInstance readMany(Caller caller, String id) {
    return caller.provider().getWorkflowInstances(List.of(id)).stream()
        .findFirst()
        .orElseThrow(() -> new NotFoundException(Subject.WORKFLOW, id));
  }

  private void persist(WorkflowInstance read) {
    persist(OperationNames.PERSIST, changed(read, writeOf(read)));
  }

  /** Made of what was read, or by hand. */
  private void replace(WorkflowInstance read) {
    persist(
        OperationNames.REPLACE,
        caller.random().nextBoolean()
            ? changed(read, ANYTHING).toBuilder().revision(null).build()
            : byHand(read.id(), ANYTHING));
  }

  private void persist(String name, WorkflowInstance changed) {
    keep(
        changed.id(),
        caller
            .recorder()
            .call(
                name,
                changed.id(),
                arguments(changed),
                () -> caller.provider().persistWorkflow(changed),
                persisted -> null));
  }

  private void persistSubscribing(WorkflowInstance read) {
    WorkflowInstance changed = changed(read, writeOf(read));
    EventSubscription subscription = topics.newSubscription(changed.id());
    Map<String, String> arguments = new HashMap<>(arguments(changed));
    arguments.putAll(Topics.arguments(subscription));
    keep(
        changed.id(),
        caller
            .recorder()
            .call(
                OperationNames.PERSIST_SUBSCRIBING,
                changed.id(),
                arguments,
                () ->
                    caller
                        .provider()
                        .persistWorkflowWithSubscriptions(changed, List.of(subscription)),
                PersistedWorkflow::eventIds)
            .map(PersistedWorkflow::instance));
  }

  /** Goes on from what was persisted, or reads anew; seldom from what it knows to be old. */
  private void keep(String id, Optional<WorkflowInstance> persisted) {
    if (persisted.isPresent()) {
      held.put(id, persisted.get());
    } else if (!caller.inPercent(SOME)) {
      held.remove(id);
    }
  }

  private void runnable() {
    caller
        .recorder()
        .call(
            OperationNames.RUNNABLE_INSTANCES,
            "",
            Map.of(),
            () -> caller.provider().getRunnableInstances(Instant.now(), SOME),
            List::size);
  }

  /** Changes one pointer, and adds or removes another now and then. */
  private WorkflowInstance changed(WorkflowInstance read, String base) {
    String write = caller.recorder().unique();
    List<ExecutionPointer> pointers = new ArrayList<>(read.executionPointers());
    int one = caller.random().nextInt(pointers.size());
    pointers.set(
        one,
        pointers.get(one).toBuilder()
            .persistenceData(JsonNodeFactory.instance.textNode(write))
            .build());
    if (pointers.size() < MAX_POINTERS && caller.inPercent(30)) {
      pointers.add(caller.random().nextInt(pointers.size() + 1), pointer(write, one));
    } else if (pointers.size() > 1 && caller.inPercent(30)) {
      pointers.remove(caller.random().nextInt(pointers.size()));
    }
    return written(read.toBuilder().executionPointers(pointers).build(), write, base);
  }

  private static ExecutionPointer pointer(String write, int stepId) {
    return ExecutionPointer.builder(write, stepId)
        .persistenceData(JsonNodeFactory.instance.textNode(write))
        .build();
  }

  private static WorkflowInstance written(WorkflowInstance instance, String write, String base) {
    return instance.toBuilder()
        .data(JsonNodeFactory.instance.objectNode().put("write", write).put("based", base))
        .description(write)
        .build();
  }

  private static String writeOf(WorkflowInstance instance) {
    return instance.data().path("write").asText();
  }

  private static Map<String, String> arguments(WorkflowInstance instance) {
    return Map.of(
        "write",
        writeOf(instance),
        "based",
        instance.data().path("based").asText(),
        "content",
        contentOf(instance));
  }

  /** Each pointer in its place, and what wrote it last. */
  private static String contentOf(WorkflowInstance instance) {
    StringBuilder content = new StringBuilder(String.valueOf(instance.description()));
    for (ExecutionPointer pointer : instance.executionPointers()) {
      content.append(' ').append(pointer.id()).append('=').append(pointer.persistenceData());
    }
    return content.toString();
  }
}
