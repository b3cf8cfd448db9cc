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

  /** For Hibernate. */
  protected CommandClaimEntity() {}

  /** A new row with the columns that every row has; the others are set one by one. */
  public CommandClaimEntity(String claimToken, Instant claimedUntil) {
    this.claimToken = claimToken;
    this.claimedUntil = claimedUntil;
  }

  /** The key, which the claimed commands carry. */
  public String getClaimToken() {
    return claimToken;
  }

  /** When the lease ends unless it is renewed, by the clock of the database. */
  public Instant getClaimedUntil() {
    return claimedUntil;
  }

  public void setClaimedUntil(Instant claimedUntil) {
    this.claimedUntil = claimedUntil;
  }
}
