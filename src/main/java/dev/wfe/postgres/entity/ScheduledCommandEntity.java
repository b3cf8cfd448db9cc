package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import org.hibernate.annotations.JdbcType;
import org.jspecify.annotations.Nullable;

/** A command that is due at a time: one row of {@code scheduled_commands}. */
@Entity
@Table(
    schema = StoreNamingStrategy.MAPPED_SCHEMA,
    name = "scheduled_commands",
    uniqueConstraints =
        // The name of the existing index; otherwise hbm2ddl=update of an application adds a second
        // one.
        @UniqueConstraint(
            name = "scheduled_commands_command_name_data_key",
            columnNames = {"command_name", "data"}))
public class ScheduledCommandEntity {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @JdbcType(SerialJdbcType.class)
  @Column(
      name = "id",
      nullable = false,
      updatable = false,
      columnDefinition = SerialJdbcType.DEFINITION)
  private @Nullable Long id;

  @Column(name = "command_name", nullable = false, columnDefinition = "text")
  private String commandName;

  @Column(name = "data", nullable = false, columnDefinition = "text")
  private String data;

  @Column(name = "execute_time", nullable = false)
  private long executeTime;

  @Column(name = "claim_token", columnDefinition = "text")
  private @Nullable String claimToken;

  @Column(name = "claimed_time")
  private @Nullable Long claimedTime;

  /** Called by Hibernate. */
  protected ScheduledCommandEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public ScheduledCommandEntity(String commandName, String data, long executeTime) {
    this.commandName = commandName;
    this.data = data;
    this.executeTime = executeTime;
  }

  /** The primary key; null until the row is stored. */
  public @Nullable Long getId() {
    return id;
  }

  /** The name of the command: ProcessWorkflow or ProcessEvent. */
  public String getCommandName() {
    return commandName;
  }

  public void setCommandName(String commandName) {
    this.commandName = commandName;
  }

  /** The id of the workflow or event. */
  public String getData() {
    return data;
  }

  public void setData(String data) {
    this.data = data;
  }

  /** When it is due, in epoch milliseconds. */
  public long getExecuteTime() {
    return executeTime;
  }

  public void setExecuteTime(long executeTime) {
    this.executeTime = executeTime;
  }

  /** The claim under which it is being handled, or null. */
  public @Nullable String getClaimToken() {
    return claimToken;
  }

  public void setClaimToken(@Nullable String claimToken) {
    this.claimToken = claimToken;
  }

  /** The execute time that it had when it was claimed, in epoch milliseconds, or null. */
  public @Nullable Long getClaimedTime() {
    return claimedTime;
  }

  public void setClaimedTime(@Nullable Long claimedTime) {
    this.claimedTime = claimedTime;
  }
}
