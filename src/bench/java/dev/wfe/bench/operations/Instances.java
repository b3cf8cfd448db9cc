package dev.wfe.bench.operations;

import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Instances that are only read. They are created on first use. Thread-safe. */
final class Instances {
  private final World world;
  private final WorkflowInstance template;
  private final int count;
  private final Set<String> schemas = new HashSet<>();
  private List<WorkflowInstance> made = List.of();

  Instances(World world, WorkflowInstance template, int count) {
    this.world = world;
    this.template = template;
    this.count = count;
  }

  /** The instances as read from the tables of this library. */
  synchronized List<WorkflowInstance> ours() {
    if (made.isEmpty()) {
      made = world.instances(template, count);
    }
    return made;
  }

  /** The same instances, which are then also in the tables of the schema. */
  synchronized List<WorkflowInstance> copied(String schema) throws SQLException {
    List<WorkflowInstance> instances = ours();
    if (schemas.add(schema)) {
      world.copy(instances, schema);
    }
    return instances;
  }
}
