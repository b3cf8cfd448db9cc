package dev.wfe.postgres.entity;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** The counter of one definition: one row of {@code definition_sequences}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "definition_sequences")
public class DefinitionSequenceEntity {
  @Id
  @Column(name = "definition_id", nullable = false, updatable = false, columnDefinition = "text")
  private String definitionId;

  @Column(name = "next_num", nullable = false)
  private long nextNum;

  /** Called by Hibernate. */
  protected DefinitionSequenceEntity() {}

  /** A new row with the values of all columns that are not nullable. */
  public DefinitionSequenceEntity(String definitionId, long nextNum) {
    this.definitionId = definitionId;
    this.nextNum = nextNum;
  }

  /** The primary key. */
  public String getDefinitionId() {
    return definitionId;
  }

  /** The last number that was assigned. */
  public long getNextNum() {
    return nextNum;
  }

  public void setNextNum(long nextNum) {
    this.nextNum = nextNum;
  }
}
