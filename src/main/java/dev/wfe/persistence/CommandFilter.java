package dev.wfe.persistence;

import dev.wfe.model.CommandName;
import org.jspecify.annotations.Nullable;

/**
 * Which scheduled commands are wanted: those that meet all conditions. Null and {@link
 * TimeRange#ANY} set no condition. Immutable and thread-safe.
 *
 * @param commandName the kind of command
 * @param data the id of the workflow or event
 * @param executeTime when it is due
 */
public record CommandFilter(
    @Nullable CommandName commandName, @Nullable String data, TimeRange executeTime) {
  /** Every scheduled command. */
  public static final CommandFilter ALL = builder().build();

  /**
   * Checks the fields.
   *
   * @throws InvalidValueException if a text cannot be stored or a range is null; not retryable
   */
  public CommandFilter {
    FieldChecks checks = new FieldChecks("CommandFilter", "");
    checks.optionalText("data", data);
    checks.nonNull("executeTime", executeTime);
  }

  /** A builder without conditions. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds {@link CommandFilter}; not thread-safe. */
  public static final class Builder {
    private @Nullable CommandName commandName;
    private @Nullable String data;
    private TimeRange executeTime = TimeRange.ANY;

    private Builder() {}

    /** Of the kind. */
    public Builder command(CommandName name) {
      commandName = name;
      return this;
    }

    /** Of the workflow or event. */
    public Builder data(String id) {
      data = id;
      return this;
    }

    /** Due within the range. */
    public Builder due(TimeRange within) {
      executeTime = within;
      return this;
    }

    /**
     * Builds the filter. The builder can be used again.
     *
     * @throws InvalidValueException if a condition is invalid; not retryable
     */
    public CommandFilter build() {
      return new CommandFilter(commandName, data, executeTime);
    }
  }
}
