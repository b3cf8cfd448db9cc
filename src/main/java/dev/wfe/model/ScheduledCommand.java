package dev.wfe.model;

/**
 * Work to be done at a time. There is at most one command of a name and data.
 *
 * @param commandName what is to be done
 * @param data the id of the workflow or event it is to be done to
 * @param executeTime when it is due, in epoch milliseconds; the full range is legal
 */
public record ScheduledCommand(CommandName commandName, String data, long executeTime) {
  /** Execute the workflow at the time. */
  public static ScheduledCommand processWorkflow(String workflowId, long executeTime) {
    return new ScheduledCommand(CommandName.PROCESS_WORKFLOW, workflowId, executeTime);
  }

  /** Deliver the event at the time. */
  public static ScheduledCommand processEvent(String eventId, long executeTime) {
    return new ScheduledCommand(CommandName.PROCESS_EVENT, eventId, executeTime);
  }

  /** A builder that starts from this value. */
  public Builder toBuilder() {
    return new Builder(commandName, data, executeTime);
  }

  /** Builds {@link ScheduledCommand}; not thread-safe. */
  public static final class Builder {
    private CommandName commandName;
    private String data;
    private long executeTime;

    private Builder(CommandName commandName, String data, long executeTime) {
      this.commandName = commandName;
      this.data = data;
      this.executeTime = executeTime;
    }

    /** Sets what is to be done. */
    public Builder commandName(CommandName commandName) {
      this.commandName = commandName;
      return this;
    }

    /** Sets the id of the workflow or event. */
    public Builder data(String data) {
      this.data = data;
      return this;
    }

    /** Sets when it is due, in epoch milliseconds. */
    public Builder executeTime(long executeTime) {
      this.executeTime = executeTime;
      return this;
    }

    /** The value; the builder may be used further. */
    public ScheduledCommand build() {
      return new ScheduledCommand(commandName, data, executeTime);
    }
  }
}
