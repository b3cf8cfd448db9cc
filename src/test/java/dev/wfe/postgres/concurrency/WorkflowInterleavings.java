package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Fixtures.CREATE_W1;
import static dev.wfe.postgres.concurrency.Fixtures.CREATE_W2;
import static dev.wfe.postgres.concurrency.Fixtures.READ_W1;
import static dev.wfe.postgres.concurrency.Fixtures.READ_W2;
import static dev.wfe.postgres.concurrency.Fixtures.persist;
import static dev.wfe.postgres.concurrency.Fixtures.persistAdding;
import static dev.wfe.postgres.concurrency.Fixtures.persistByHand;
import static dev.wfe.postgres.concurrency.Fixtures.persistNamed;
import static dev.wfe.postgres.concurrency.Fixtures.persistSubscribing;
import static dev.wfe.postgres.concurrency.Fixtures.persistWithoutPointers;
import static dev.wfe.postgres.concurrency.Fixtures.removingByHand;
import static dev.wfe.postgres.concurrency.Fixtures.workflow;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_NAME;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_POINTER;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_SEQUENCE;
import static dev.wfe.postgres.concurrency.LockPoint.NEW_WORKFLOW;
import static dev.wfe.postgres.concurrency.LockPoint.POINTER;
import static dev.wfe.postgres.concurrency.LockPoint.SEQUENCE;
import static dev.wfe.postgres.concurrency.LockPoint.WORKFLOW;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.WorkflowCalls;
import java.util.List;
import java.util.stream.Stream;

/** Concurrent operations on a workflow, its name or its pointers. */
final class WorkflowInterleavings {
  private static final Call SUSPEND = operate(WorkflowStatus.SUSPENDED);
  private static final Call TERMINATE = operate(WorkflowStatus.TERMINATED);
  private static final Call DELETE =
      Call.ofChange("an operator's delete", context -> context.operator().delete("w1"));

  private static final Call DELETE_WORKFLOW =
      Call.of(
          "deleteWorkflow",
          context -> {
            context.store().deleteWorkflow("w1");
            return "deleted";
          },
          "w1");

  private WorkflowInterleavings() {}

  private static Call operate(WorkflowStatus status) {
    return Call.ofChange(
        "an operator's update", context -> context.operator().setStatus("w1", status), status);
  }

  private static Call next(String definition) {
    return Call.of(
        "nextDefinitionSequence",
        context -> context.store().nextDefinitionSequence(definition),
        definition);
  }

  private static Call create(String id, String name, String... pointers) {
    return WorkflowCalls.create(workflow(id, name, pointers));
  }

  /** Both have read the same workflow. */
  private static Interleaving onW1(String name, Call one, Call other, LockPoint... locks) {
    return Interleaving.of(name, one, other, locks)
        .after(CREATE_W1, CREATE_W2)
        .reading(READ_W1, READ_W1);
  }

  /** Each has read a workflow of its own. */
  private static Interleaving onTwo(String name, Call one, Call other, LockPoint... locks) {
    return Interleaving.of(name, one, other, locks)
        .after(CREATE_W1, CREATE_W2)
        .reading(READ_W1, READ_W2);
  }

  static List<Interleaving> all() {
    return Stream.of(persisting(), operating(), deleting(), pointers(), names(), counting())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Interleaving> persisting() {
    return List.of(
        onW1("persist, persist", persist("one"), persist("other"), WORKFLOW, POINTER),
        onW1(
            "persist by hand, persist by hand",
            persistByHand("one"),
            persistByHand("other"),
            WORKFLOW,
            POINTER),
        onW1("persist, persist by hand", persist("one"), persistByHand("other"), WORKFLOW, POINTER),
        onW1(
                "persist that adds a pointer, persist by hand that removes all",
                persistAdding("p3"),
                removingByHand(),
                WORKFLOW,
                NEW_POINTER)
            .otherWaitsFor(WORKFLOW, POINTER),
        onW1("persist, create of the same id", persist("one"), create("w1", "n3"), WORKFLOW)
            .otherWaitsFor());
  }

  private static List<Interleaving> operating() {
    return List.of(
        onW1("persist, suspend by SQL", persist("one"), SUSPEND, WORKFLOW, POINTER)
            .otherWaitsFor(WORKFLOW),
        onW1("persist, terminate by SQL", persist("one"), TERMINATE, WORKFLOW, POINTER)
            .otherWaitsFor(WORKFLOW),
        onW1("persist by hand, suspend by SQL", persistByHand("one"), SUSPEND, WORKFLOW, POINTER)
            .otherWaitsFor(WORKFLOW),
        onW1("persist, delete by SQL", persist("one"), DELETE, WORKFLOW, POINTER),
        onW1("persist by hand, delete by SQL", persistByHand("one"), DELETE, WORKFLOW, POINTER),
        onW1("create of the same id, delete by SQL", create("w1", "n1", "p1"), DELETE)
            .otherWaitsFor(WORKFLOW, POINTER));
  }

  private static List<Interleaving> deleting() {
    return List.of(
        onW1("persist, deleteWorkflow", persist("one"), DELETE_WORKFLOW, WORKFLOW, POINTER),
        onW1("by hand, deleteWorkflow", persistByHand("one"), DELETE_WORKFLOW, WORKFLOW, POINTER),
        onW1("persist that adds, deleteWorkflow", persistAdding("p3"), DELETE_WORKFLOW, WORKFLOW),
        onW1("deleteWorkflow, deleteWorkflow", DELETE_WORKFLOW, DELETE_WORKFLOW, WORKFLOW),
        onW1("create of the same id, deleteWorkflow", create("w1", "n1", "p1"), DELETE_WORKFLOW)
            .otherWaitsFor(WORKFLOW, POINTER),
        onW1(
                "persist that subscribes, deleteWorkflow",
                persistSubscribing("one", "s1"),
                DELETE_WORKFLOW,
                WORKFLOW)
            .otherWaitsFor(WORKFLOW, POINTER));
  }

  private static List<Interleaving> pointers() {
    return List.of(
        onW1(
                "persist that removes pointers, create that has one of them",
                persistWithoutPointers(),
                create("w3", "n3", "p1"),
                WORKFLOW,
                POINTER)
            .otherWaitsFor(NEW_WORKFLOW),
        onW1(
                "persist that adds a pointer, create that has it",
                persistAdding("p3"),
                create("w3", "n3", "p3"),
                WORKFLOW,
                NEW_POINTER)
            .otherWaitsFor(NEW_WORKFLOW, NEW_POINTER),
        onTwo(
            "persist and persist that add the same pointer",
            persistAdding("p3"),
            persistAdding("p3"),
            NEW_POINTER),
        onTwo(
            "persist and persist that add the same pointers, in different orders",
            persistAdding("p4", "p3", "p5"),
            persistAdding("p5", "p4", "p3"),
            NEW_POINTER),
        onTwo(
            "persist and persist that add the same many pointers, in different orders",
            persistAdding("p6", "p5", "p4", "p3", "p7", "p8"),
            persistAdding("p8", "p7", "p4", "p3", "p5", "p6"),
            NEW_POINTER),
        Interleaving.of(
                "create, create with the same pointer",
                create("w3", "n3", "p3"),
                create("w4", "n4", "p3"),
                NEW_POINTER)
            .after(CREATE_W2),
        Interleaving.of(
                "create, create with the same pointers, in different orders",
                create("w3", "n3", "p4", "p3", "p5"),
                create("w4", "n4", "p5", "p4", "p3"),
                NEW_POINTER)
            .after(CREATE_W2));
  }

  private static List<Interleaving> names() {
    return List.of(
        Interleaving.of(
            "create, create of the same id and name",
            create("w3", "n3", "p4"),
            create("w3", "n3", "p5"),
            NEW_WORKFLOW,
            NEW_NAME),
        Interleaving.of(
            "create, create of the same name", create("w3", "n3"), create("w4", "n3"), NEW_NAME),
        onW1(
                "persist that renames, create of that name",
                persistNamed("n3"),
                create("w3", "n3"),
                WORKFLOW,
                NEW_NAME)
            .otherWaitsFor(NEW_WORKFLOW, NEW_NAME),
        onTwo(
            "persist and persist that take one name",
            persistNamed("n3"),
            persistNamed("n3"),
            NEW_NAME),
        onTwo("persist and persist that change names", persistNamed("n2"), persistNamed("n1"))
            .otherWaitsFor(),
        onTwo(
                "persist that gives up a name, persist that takes it",
                persistNamed("n4"),
                persistNamed("n1"),
                WORKFLOW)
            .otherWaitsFor());
  }

  private static List<Interleaving> counting() {
    return List.of(
        Interleaving.of("sequence, sequence", next("d1"), next("d1"), SEQUENCE).after(next("d1")),
        Interleaving.of("new sequence, new sequence", next("d3"), next("d3"), NEW_SEQUENCE));
  }
}
