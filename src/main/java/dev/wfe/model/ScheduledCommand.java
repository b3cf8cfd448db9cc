package dev.wfe.model;

/**
 * A request to process a workflow or an event at a given time. The store contains at most one
 * command with the same name and data.
 *
 * @param commandName the kind of command
 * @param data the id of the workflow or event
 * @param executeTime when it is due, in epoch milliseconds; the full 64-bit range is valid
 */
public record ScheduledCommand(CommandName commandName, String data, long executeTime) {
  /** A command to execute the workflow at the time, in epoch milliseconds. */
  public static ScheduledCommand processWorkflow(String workflowId, long executeTime) {
    return new ScheduledCommand(CommandName.PROCESS_WORKFLOW, workflowId, executeTime);
  }

  /** A command to deliver the event at the time, in epoch milliseconds. */
  public static ScheduledCommand processEvent(String eventId, long executeTime) {
    return new ScheduledCommand(CommandName.PROCESS_EVENT, eventId, executeTime);
  }

  /** A builder with the fields of this value. */
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

    /** Sets {@code commandName}: the kind of command. */
    public Builder commandName(CommandName commandName) {
      this.commandName = commandName;
      return this;
    }

    /** Sets {@code data}: the id of the workflow or event. */
    public Builder data(String data) {
      this.data = data;
      return this;
    }

    /** Sets {@code executeTime}: when it is due, in epoch milliseconds. */
    public Builder executeTime(long executeTime) {
      this.executeTime = executeTime;
      return this;
    }

    /** Builds the value. The builder can be used again. */
    public ScheduledCommand build() {
      return new ScheduledCommand(commandName, data, executeTime);
    }
  }
}
