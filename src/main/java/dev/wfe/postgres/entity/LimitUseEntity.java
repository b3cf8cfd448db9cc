package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;
import org.hibernate.annotations.JdbcType;
import org.jspecify.annotations.Nullable;

/**
 * How many workflows of a definition with a rate were claimed at a time: one row of {@code
 * limit_uses}.
 */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "limit_uses")
@IdClass(LimitUseEntity.Key.class)
public class LimitUseEntity {
  @Id
  @Column(name = "definition_id", nullable = false, updatable = false, columnDefinition = "text")
  private String definitionId;

  @Id
  @JdbcType(InstantJdbcType.class)
  @Column(name = "used_at", nullable = false, updatable = false)
  private Instant usedAt;

  @Column(name = "used", nullable = false)
  private int used;

  /** Called by Hibernate. */
  protected LimitUseEntity() {}

  /** A new row with the values of all columns. */
  public LimitUseEntity(String definitionId, Instant usedAt, int used) {
    this.definitionId = definitionId;
    this.usedAt = usedAt;
    this.used = used;
  }

  /** The first part of the primary key. */
  public String getDefinitionId() {
    return definitionId;
  }

  /** The second part of the primary key: when the workflows were claimed. */
  public Instant getUsedAt() {
    return usedAt;
  }

  /** How many workflows were claimed. */
  public int getUsed() {
    return used;
  }

  public void setUsed(int used) {
    this.used = used;
  }

  /** The primary key. Immutable. */
  public static final class Key implements Serializable {
    private static final long serialVersionUID = 1L;

    private String definitionId;
    private Instant usedAt;

    /** Called by Hibernate. */
    Key() {
      this("", Instant.EPOCH);
    }

    /** The key of what was claimed at a time. */
    public Key(String definitionId, Instant usedAt) {
      this.definitionId = definitionId;
      this.usedAt = usedAt;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that
          && definitionId.equals(that.definitionId)
          && usedAt.equals(that.usedAt);
    }

    @Override
    public int hashCode() {
      return Objects.hash(definitionId, usedAt);
    }
  }
}
