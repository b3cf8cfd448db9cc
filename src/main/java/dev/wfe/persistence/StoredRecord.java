package dev.wfe.persistence;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import java.util.List;

/** Something that is stored, as it is exported. Immutable. */
public sealed interface StoredRecord {
  /** What the record shows. */
  PurgeTarget.Kind kind();

  /**
   * A workflow with what belongs to it.
   *
   * @param instance the instance with its pointers and its revision
   * @param subscriptions its subscriptions, by id
   * @param errors its errors, by id
   * @param commands the commands to process it
   */
  record OfWorkflow(
      WorkflowInstance instance,
      List<EventSubscription> subscriptions,
      List<OfError> errors,
      List<ScheduledCommand> commands)
      implements StoredRecord {
    /** Copies the lists. */
    public OfWorkflow {
      subscriptions = List.copyOf(subscriptions);
      errors = List.copyOf(errors);
      commands = List.copyOf(commands);
    }

    @Override
    public PurgeTarget.Kind kind() {
      return PurgeTarget.Kind.WORKFLOW;
    }
  }

  /**
   * An event.
   *
   * @param event the event
   */
  record OfEvent(Event event) implements StoredRecord {
    @Override
    public PurgeTarget.Kind kind() {
      return PurgeTarget.Kind.EVENT;
    }
  }

  /**
   * An error.
   *
   * @param id its id in the store
   * @param error the error
   */
  record OfError(long id, ExecutionError error) implements StoredRecord {
    @Override
    public PurgeTarget.Kind kind() {
      return PurgeTarget.Kind.ERROR;
    }
  }
}
