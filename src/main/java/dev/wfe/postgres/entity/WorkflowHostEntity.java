package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** A host that has registered itself: one row of {@code workflow_hosts}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "workflow_hosts")
public class WorkflowHostEntity {
  @Id
  @Column(name = "id", nullable = false, updatable = false, columnDefinition = "text")
  private String id;

  @Column(name = "name", nullable = false, columnDefinition = "text")
  private String name;

  @Column(name = "version", columnDefinition = "text")
  private @Nullable String version;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "started_at", nullable = false)
  private Instant startedAt;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "last_seen_at", nullable = false)
  private Instant lastSeenAt;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "expires_at", nullable = false)
  private Instant expiresAt;

  @Type(JsonColumn.class)
  @Column(name = "definitions", nullable = false, columnDefinition = "jsonb")
  private JsonNode definitions;

  /** Called by Hibernate. */
  protected WorkflowHostEntity() {}

  /** A new row with the values of all columns that are not null. */
  public WorkflowHostEntity(
      String id,
      String name,
      Instant startedAt,
      Instant lastSeenAt,
      Instant expiresAt,
      JsonNode definitions) {
    this.id = id;
    this.name = name;
    this.startedAt = startedAt;
    this.lastSeenAt = lastSeenAt;
    this.expiresAt = expiresAt;
    this.definitions = definitions;
  }

  /** The primary key: this run of the host. */
  public String getId() {
    return id;
  }

  /** The owner of the host's leases. */
  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  /** The version of the library, or null. */
  public @Nullable String getVersion() {
    return version;
  }

  public void setVersion(@Nullable String version) {
    this.version = version;
  }

  /** When the host was started. */
  public Instant getStartedAt() {
    return startedAt;
  }

  public void setStartedAt(Instant startedAt) {
    this.startedAt = startedAt;
  }

  /** When its last heartbeat was, by the database's clock. */
  public Instant getLastSeenAt() {
    return lastSeenAt;
  }

  public void setLastSeenAt(Instant lastSeenAt) {
    this.lastSeenAt = lastSeenAt;
  }

  /** Until when it counts as live, by the database's clock. */
  public Instant getExpiresAt() {
    return expiresAt;
  }

  public void setExpiresAt(Instant expiresAt) {
    this.expiresAt = expiresAt;
  }

  /** The versions of definitions that it executes, with their limits, as JSON. */
  public JsonNode getDefinitions() {
    return definitions;
  }

  public void setDefinitions(JsonNode definitions) {
    this.definitions = definitions;
  }
}
