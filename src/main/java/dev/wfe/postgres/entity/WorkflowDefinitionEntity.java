package dev.wfe.postgres.entity;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.Objects;
import org.hibernate.annotations.Type;
import org.jspecify.annotations.Nullable;

/** The graph of a version of a definition: one row of {@code workflow_definitions}. */
@Entity
@Table(schema = StoreNamingStrategy.MAPPED_SCHEMA, name = "workflow_definitions")
@IdClass(WorkflowDefinitionEntity.Key.class)
public class WorkflowDefinitionEntity {
  @Id
  @Column(name = "definition_id", nullable = false, updatable = false, columnDefinition = "text")
  private String definitionId;

  @Id
  @Column(name = "version", nullable = false, updatable = false)
  private int version;

  @Type(JsonColumn.class)
  @Column(name = "graph", nullable = false, columnDefinition = "jsonb")
  private JsonNode graph;

  /** Called by Hibernate. */
  protected WorkflowDefinitionEntity() {}

  /** A new row with the values of all columns. */
  public WorkflowDefinitionEntity(String definitionId, int version, JsonNode graph) {
    this.definitionId = definitionId;
    this.version = version;
    this.graph = graph;
  }

  /** The first part of the primary key. */
  public String getDefinitionId() {
    return definitionId;
  }

  /** The second part of the primary key. */
  public int getVersion() {
    return version;
  }

  /** The graph as JSON. */
  public JsonNode getGraph() {
    return graph;
  }

  public void setGraph(JsonNode graph) {
    this.graph = graph;
  }

  /** The primary key. Immutable. */
  public static final class Key implements Serializable {
    private static final long serialVersionUID = 1L;

    private String definitionId;
    private int version;

    /** Called by Hibernate. */
    Key() {
      this("", 0);
    }

    /** The key of a version of a definition. */
    public Key(String definitionId, int version) {
      this.definitionId = definitionId;
      this.version = version;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that
          && definitionId.equals(that.definitionId)
          && version == that.version;
    }

    @Override
    public int hashCode() {
      return Objects.hash(definitionId, version);
    }
  }
}
