package dev.wfe.postgres.modelled;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistedWorkflow;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Calls of {@code WorkflowRepository}, and changes by an operator. */
public final class WorkflowCalls {
  private static final String NOTHING_READ_YET = "nothing was read yet";

  private WorkflowCalls() {}

  static Arbitrary<Call> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(7, creating()),
        Tuple.of(10, persisting()),
        Tuple.of(6, subscribing()),
        Tuple.of(2, persistingByHand()),
        Tuple.of(2, operating()),
        Tuple.of(6, reading()),
        Tuple.of(4, asking()));
  }

  private static Arbitrary<Call> creating() {
    return Workflows.instances(Texts.keysOrEmpty("w")).map(WorkflowCalls::create);
  }

  public static Call create(WorkflowInstance instance) {
    return Call.of(
        "createNewWorkflow",
        context -> context.noteId(instance.id(), context.store().createNewWorkflow(instance)),
        instance);
  }

  /** How many reads ago the instance was read; most often just now. */
  private static Arbitrary<Integer> reads() {
    return Arbitraries.frequencyOf(
        Tuple.of(3, Arbitraries.just(0)), Tuple.of(2, Arbitraries.integers().between(1, 8)));
  }

  private static Arbitrary<Call> persisting() {
    return Combinators.combine(reads(), Workflows.edits()).as(WorkflowCalls::persist);
  }

  public static Call persist(int back, List<Edit<WorkflowInstance>> edits) {
    return Call.of(
        "persistWorkflow",
        context -> {
          Optional<WorkflowInstance> read = context.known(back);
          return read.isEmpty()
              ? NOTHING_READ_YET
              : context.know(context.store().persistWorkflow(Edit.all(read.get(), edits)));
        },
        new Read(back),
        edits);
  }

  private static Arbitrary<Call> subscribing() {
    return Combinators.combine(
            reads(), Workflows.edits(), Values.subscriptions().list().ofMaxSize(3))
        .as(WorkflowCalls::subscribe);
  }

  public static Call subscribe(
      int back, List<Edit<WorkflowInstance>> edits, List<EventSubscription> subscriptions) {
    return Call.of(
        "persistWorkflowWithSubscriptions",
        context -> {
          Optional<WorkflowInstance> read = context.known(back);
          if (read.isEmpty()) {
            return NOTHING_READ_YET;
          }
          PersistedWorkflow persisted =
              context
                  .store()
                  .persistWorkflowWithSubscriptions(Edit.all(read.get(), edits), subscriptions);
          context.know(persisted.instance());
          context.noteIds(subscriptions, persisted.subscriptionIds());
          return persisted;
        },
        new Read(back),
        edits,
        subscriptions);
  }

  private static Arbitrary<Call> persistingByHand() {
    return Workflows.instances(Texts.keys("w"))
        .map(
            instance ->
                Call.of(
                    "persistWorkflow",
                    context -> context.know(context.store().persistWorkflow(instance)),
                    instance));
  }

  private static Arbitrary<Call> operating() {
    return Combinators.combine(
            Arbitraries.of(Texts.legal("w")), Arbitraries.of(WorkflowStatus.class))
        .as(
            (id, status) ->
                Call.ofChange(
                    "an operator's update of the status",
                    context -> context.operator().setStatus(id, status),
                    id,
                    status));
  }

  private static Arbitrary<Call> reading() {
    Arbitrary<Call> byId = Id.any("w").map(WorkflowCalls::read);
    Arbitrary<Call> byName =
        Id.any("n")
            .map(
                name ->
                    Call.of(
                        "getWorkflowInstanceByName",
                        context ->
                            context.know(
                                context.store().getWorkflowInstanceByName(name.in(context))),
                        name));
    Arbitrary<Call> byIds =
        Id.any("w")
            .list()
            .ofMaxSize(4)
            .map(
                ids ->
                    Call.of(
                        "getWorkflowInstances",
                        context -> {
                          List<WorkflowInstance> read =
                              context
                                  .store()
                                  .getWorkflowInstances(
                                      ids.stream().map(id -> id.in(context)).toList());
                          read.forEach(context::know);
                          return read;
                        },
                        ids));
    Arbitrary<Call> persisted =
        Combinators.combine(reads(), Workflows.edits()).as(WorkflowCalls::findPersisted);
    return Arbitraries.frequencyOf(
        Tuple.of(4, byId), Tuple.of(1, byName), Tuple.of(2, byIds), Tuple.of(2, persisted));
  }

  public static Call read(Id id) {
    return Call.of(
        "getWorkflowInstance",
        context -> context.know(context.store().getWorkflowInstance(id.in(context))),
        id);
  }

  private static Call findPersisted(int back, List<Edit<WorkflowInstance>> edits) {
    return Call.of(
        "findPersisted",
        context -> {
          Optional<WorkflowInstance> read = context.known(back);
          return read.isEmpty()
              ? NOTHING_READ_YET
              : context.store().findPersisted(Edit.all(read.get(), edits));
        },
        new Read(back),
        edits);
  }

  private static Arbitrary<Call> asking() {
    Arbitrary<Call> runnable =
        Values.bounds()
            .map(
                asAt ->
                    Call.of(
                        "getRunnableInstances",
                        context -> context.store().getRunnableInstances(asAt),
                        asAt));
    Arbitrary<Call> firstRunnable =
        Combinators.combine(Values.bounds(), Values.limits())
            .as(
                (asAt, limit) ->
                    Call.of(
                        "getRunnableInstances",
                        context -> context.store().getRunnableInstances(asAt, limit),
                        asAt,
                        limit));
    Arbitrary<Call> next =
        Texts.keysOrEmpty("d")
            .map(
                definition ->
                    Call.of(
                        "nextDefinitionSequence",
                        context -> context.store().nextDefinitionSequence(definition),
                        definition));
    return Arbitraries.oneOf(runnable, firstRunnable, next);
  }

  /** For the text of a call. */
  private record Read(int back) {
    @Override
    public String toString() {
      return back == 0 ? "what was read last" : "what was read %s reads before".formatted(back);
    }
  }
}
