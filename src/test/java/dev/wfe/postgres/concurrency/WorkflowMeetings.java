package dev.wfe.postgres.concurrency;

import static dev.wfe.postgres.concurrency.Gate.NEW_NAME;
import static dev.wfe.postgres.concurrency.Gate.NEW_POINTER;
import static dev.wfe.postgres.concurrency.Gate.NEW_SEQUENCE;
import static dev.wfe.postgres.concurrency.Gate.NEW_WORKFLOW;
import static dev.wfe.postgres.concurrency.Gate.POINTER;
import static dev.wfe.postgres.concurrency.Gate.SEQUENCE;
import static dev.wfe.postgres.concurrency.Gate.WORKFLOW;
import static dev.wfe.postgres.concurrency.Things.CREATE_W1;
import static dev.wfe.postgres.concurrency.Things.CREATE_W2;
import static dev.wfe.postgres.concurrency.Things.READ_W1;
import static dev.wfe.postgres.concurrency.Things.READ_W2;
import static dev.wfe.postgres.concurrency.Things.persist;
import static dev.wfe.postgres.concurrency.Things.persistAdding;
import static dev.wfe.postgres.concurrency.Things.persistByHand;
import static dev.wfe.postgres.concurrency.Things.persistNamed;
import static dev.wfe.postgres.concurrency.Things.persistWithoutPointers;
import static dev.wfe.postgres.concurrency.Things.removingByHand;
import static dev.wfe.postgres.concurrency.Things.workflow;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.modelled.Call;
import dev.wfe.postgres.modelled.WorkflowCalls;
import java.util.List;
import java.util.stream.Stream;

/** Verbs that meet at a workflow, its name or its pointers. */
final class WorkflowMeetings {
  private static final Call SUSPEND = operate(WorkflowStatus.SUSPENDED);
  private static final Call TERMINATE = operate(WorkflowStatus.TERMINATED);
  private static final Call DELETE =
      Call.ofChange("an operator's delete", side -> side.operator().delete("w1"));

  private WorkflowMeetings() {}

  private static Call operate(WorkflowStatus status) {
    return Call.ofChange(
        "an operator's update", side -> side.operator().setStatus("w1", status), status);
  }

  private static Call next(String definition) {
    return Call.of(
        "nextDefinitionSequence",
        side -> side.store().nextDefinitionSequence(definition),
        definition);
  }

  private static Call create(String id, String name, String... pointers) {
    return WorkflowCalls.create(workflow(id, name, pointers));
  }

  /** Both have read the same workflow. */
  private static Meeting onW1(String name, Call one, Call other, Gate... gates) {
    return Meeting.of(name, one, other, gates)
        .after(CREATE_W1, CREATE_W2)
        .reading(READ_W1, READ_W1);
  }

  /** Each has read a workflow of its own. */
  private static Meeting onTwo(String name, Call one, Call other, Gate... gates) {
    return Meeting.of(name, one, other, gates)
        .after(CREATE_W1, CREATE_W2)
        .reading(READ_W1, READ_W2);
  }

  static List<Meeting> all() {
    return Stream.of(persisting(), operating(), pointers(), names(), counting())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Meeting> persisting() {
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
            .otherStopsAt(WORKFLOW, POINTER),
        onW1("persist, create of the same id", persist("one"), create("w1", "n3"), WORKFLOW)
            .otherStopsAt());
  }

  private static List<Meeting> operating() {
    return List.of(
        onW1("persist, suspend by SQL", persist("one"), SUSPEND, WORKFLOW, POINTER)
            .otherStopsAt(WORKFLOW),
        onW1("persist, terminate by SQL", persist("one"), TERMINATE, WORKFLOW, POINTER)
            .otherStopsAt(WORKFLOW),
        onW1("persist by hand, suspend by SQL", persistByHand("one"), SUSPEND, WORKFLOW, POINTER)
            .otherStopsAt(WORKFLOW),
        onW1("persist, delete by SQL", persist("one"), DELETE, WORKFLOW, POINTER),
        onW1("persist by hand, delete by SQL", persistByHand("one"), DELETE, WORKFLOW, POINTER),
        onW1("create of the same id, delete by SQL", create("w1", "n1", "p1"), DELETE)
            .otherStopsAt(WORKFLOW, POINTER));
  }

  private static List<Meeting> pointers() {
    return List.of(
        onW1(
                "persist that removes pointers, create that has one of them",
                persistWithoutPointers(),
                create("w3", "n3", "p1"),
                WORKFLOW,
                POINTER)
            .otherStopsAt(NEW_WORKFLOW),
        onW1(
                "persist that adds a pointer, create that has it",
                persistAdding("p3"),
                create("w3", "n3", "p3"),
                WORKFLOW,
                NEW_POINTER)
            .otherStopsAt(NEW_WORKFLOW, NEW_POINTER),
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
        Meeting.of(
                "create, create with the same pointer",
                create("w3", "n3", "p3"),
                create("w4", "n4", "p3"),
                NEW_POINTER)
            .after(CREATE_W2),
        Meeting.of(
                "create, create with the same pointers, in different orders",
                create("w3", "n3", "p4", "p3", "p5"),
                create("w4", "n4", "p5", "p4", "p3"),
                NEW_POINTER)
            .after(CREATE_W2));
  }

  private static List<Meeting> names() {
    return List.of(
        Meeting.of(
            "create, create of the same id and name",
            create("w3", "n3", "p4"),
            create("w3", "n3", "p5"),
            NEW_WORKFLOW,
            NEW_NAME),
        Meeting.of(
            "create, create of the same name", create("w3", "n3"), create("w4", "n3"), NEW_NAME),
        onW1(
                "persist that renames, create of that name",
                persistNamed("n3"),
                create("w3", "n3"),
                WORKFLOW,
                NEW_NAME)
            .otherStopsAt(NEW_WORKFLOW, NEW_NAME),
        onTwo(
            "persist and persist that take one name",
            persistNamed("n3"),
            persistNamed("n3"),
            NEW_NAME),
        onTwo("persist and persist that change names", persistNamed("n2"), persistNamed("n1"))
            .otherStopsAt(),
        onTwo(
                "persist that gives up a name, persist that takes it",
                persistNamed("n4"),
                persistNamed("n1"),
                WORKFLOW)
            .otherStopsAt());
  }

  private static List<Meeting> counting() {
    return List.of(
        Meeting.of("sequence, sequence", next("d1"), next("d1"), SEQUENCE).after(next("d1")),
        Meeting.of("new sequence, new sequence", next("d3"), next("d3"), NEW_SEQUENCE));
  }
}
