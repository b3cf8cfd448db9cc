package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;
import org.jspecify.annotations.Nullable;

/** An error that occurred while a step was executed: one row of {@code execution_errors}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "execution_errors")
public class ExecutionErrorEntity {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @JdbcType(SerialJdbcType.class)
  @Column(
      name = "id",
      nullable = false,
      updatable = false,
      columnDefinition = SerialJdbcType.DEFINITION)
  private @Nullable Long id;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "error_time", nullable = false)
  private Instant errorTime;

  @Column(name = "workflow_id", nullable = false, columnDefinition = "text")
  private String workflowId;

  @Column(name = "execution_pointer_id", nullable = false, columnDefinition = "text")
  private String executionPointerId;

  @Column(name = "message", nullable = false, columnDefinition = "text")
  private String message;

  /** Called by Hibernate. */
  protected ExecutionErrorEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public ExecutionErrorEntity(
      Instant errorTime, String workflowId, String executionPointerId, String message) {
    this.errorTime = errorTime;
    this.workflowId = workflowId;
    this.executionPointerId = executionPointerId;
    this.message = message;
  }

  /** The primary key; null until the row is stored. */
  public @Nullable Long getId() {
    return id;
  }

  /** When it happened. */
  public Instant getErrorTime() {
    return errorTime;
  }

  public void setErrorTime(Instant errorTime) {
    this.errorTime = errorTime;
  }

  /** The id of the workflow. Its row may have been deleted. */
  public String getWorkflowId() {
    return workflowId;
  }

  public void setWorkflowId(String workflowId) {
    this.workflowId = workflowId;
  }

  /** The id of the pointer. Its row may have been deleted. */
  public String getExecutionPointerId() {
    return executionPointerId;
  }

  public void setExecutionPointerId(String executionPointerId) {
    this.executionPointerId = executionPointerId;
  }

  /** The error message. */
  public String getMessage() {
    return message;
  }

  public void setMessage(String message) {
    this.message = message;
  }
}
