package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.Way;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import java.util.UUID;

/** Creates an instance with three pointers. */
final class Create {
  private final WorkflowInstance template = Templates.withPointers(3);

  private Create() {}

  static Comparison of(World world) {
    Create create = new Create();
    CreateByHand byHand = new CreateByHand(world.jdbc());
    RustWorkflows rust = new RustWorkflows(world.jdbc(), Tables.RUST);
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    return Comparison.of(
        "create",
        "n=3",
        Alternative.of(Way.BASELINE, thread -> () -> byHand.create(create.instance())),
        Alternative.of(Way.RUST, thread -> () -> rust.create(create.instance())),
        Alternative.of(Way.HIBERNATE, thread -> () -> hibernate.create(create.instance())),
        Alternative.of(Way.OURS, thread -> () -> create.ours(world)));
  }

  private WorkflowInstance instance() {
    return Templates.renamed(template, UUID.randomUUID());
  }

  private String ours(World world) {
    WorkflowInstance instance = instance();
    String id = world.ours().createNewWorkflow(instance);
    Jdbc.require(id.equals(instance.id()), "Another id");
    return id;
  }
}
