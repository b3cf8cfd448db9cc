package dev.wfe.postgres.transactions;

import dev.wfe.postgres.entity.WorkflowEntity;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A row of the application's own, which may know its workflow. */
@Entity
@Table(name = "purchases")
public class Purchase {
  @Id String id = "";

  @ManyToOne(fetch = FetchType.LAZY)
  @JoinColumn(name = "workflow_id")
  @Nullable WorkflowEntity workflow;

  /** For Hibernate. */
  protected Purchase() {}

  Purchase(String id) {
    this.id = id;
  }
}
