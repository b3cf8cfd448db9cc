package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;

/** A host's lease on an event: one row of {@code event_leases}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "event_leases")
public class EventLeaseEntity {
  @Id
  @Column(name = "event_id", nullable = false, updatable = false, columnDefinition = "text")
  private String eventId;

  @Column(name = "owner", nullable = false, columnDefinition = "text")
  private String owner;

  @Column(name = "epoch", nullable = false)
  private long epoch;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "expires_at", nullable = false)
  private Instant expiresAt;

  /** Called by Hibernate. */
  protected EventLeaseEntity() {}

  /** A new row with the values of all columns. */
  public EventLeaseEntity(String eventId, String owner, long epoch, Instant expiresAt) {
    this.eventId = eventId;
    this.owner = owner;
    this.epoch = epoch;
    this.expiresAt = expiresAt;
  }

  /** The primary key: the id of the leased event. */
  public String getEventId() {
    return eventId;
  }

  /** The host that has the lease. */
  public String getOwner() {
    return owner;
  }

  public void setOwner(String owner) {
    this.owner = owner;
  }

  /** The random number of the call that took the lease. */
  public long getEpoch() {
    return epoch;
  }

  public void setEpoch(long epoch) {
    this.epoch = epoch;
  }

  /** When the lease expires unless it is renewed, by the database's clock. */
  public Instant getExpiresAt() {
    return expiresAt;
  }

  public void setExpiresAt(Instant expiresAt) {
    this.expiresAt = expiresAt;
  }
}
