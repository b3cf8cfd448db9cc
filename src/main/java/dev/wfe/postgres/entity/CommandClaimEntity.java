package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.JdbcType;

/** A lease on scheduled commands: one row of {@code command_claims}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "command_claims")
public class CommandClaimEntity {
  @Id
  @Column(name = "claim_token", nullable = false, updatable = false, columnDefinition = "text")
  private String claimToken;

  @JdbcType(InstantJdbcType.class)
  @Column(name = "claimed_until", nullable = false)
  private Instant claimedUntil;

  /** Called by Hibernate. */
  protected CommandClaimEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public CommandClaimEntity(String claimToken, Instant claimedUntil) {
    this.claimToken = claimToken;
    this.claimedUntil = claimedUntil;
  }

  /** The primary key. The commands that are claimed contain it. */
  public String getClaimToken() {
    return claimToken;
  }

  /** When the lease expires unless it is renewed, by the database's clock. */
  public Instant getClaimedUntil() {
    return claimedUntil;
  }

  public void setClaimedUntil(Instant claimedUntil) {
    this.claimedUntil = claimedUntil;
  }
}
