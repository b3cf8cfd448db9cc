package dev.wfe.postgres.modelled;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A provider, and the results that calls got from it so far. Not thread-safe. */
public final class CallContext {
  /** Changes a workflow past the operations. */
  public interface Operator {
    void setStatus(String workflowId, WorkflowStatus status);

    /** With its pointers. */
    void delete(String workflowId);
  }

  private final PersistenceProvider store;
  private final Operator operator;
  private final List<WorkflowInstance> known = new ArrayList<>();
  private final List<String> assigned = new ArrayList<>();
  private final Instant start = Instant.now();

  public CallContext(PersistenceProvider store, Operator operator) {
    this.store = store;
    this.operator = operator;
  }

  public PersistenceProvider store() {
    return store;
  }

  public Operator operator() {
    return operator;
  }

  /** Keeps what was read, for later calls to change and persist. */
  WorkflowInstance know(WorkflowInstance instance) {
    known.add(instance);
    return instance;
  }

  /** The value of the read that is this many reads back; empty if there was none. */
  Optional<WorkflowInstance> known(int back) {
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(known.get(known.size() - 1 - back % known.size()));
  }

  /** Notes an id that the store gave to what had none. */
  String noteId(String given, String got) {
    if (given.isEmpty()) {
      assigned.add(got);
    }
    return got;
  }

  void noteIds(List<EventSubscription> given, List<String> got) {
    for (int i = 0; i < given.size(); i++) {
      noteId(given.get(i).id(), got.get(i));
    }
  }

  /** The id that was assigned so many ids ago. */
  String assigned(int back) {
    return assigned.isEmpty() ? "none" : assigned.get(assigned.size() - 1 - back % assigned.size());
  }

  /** All assigned ids, as far as calls told them. */
  List<String> assigned() {
    return List.copyOf(assigned);
  }

  /** What a call gave, in the form in which stores are compared. */
  Object normal(@Nullable Object result) {
    return new NormalForm(assigned, start).of(result);
  }
}
