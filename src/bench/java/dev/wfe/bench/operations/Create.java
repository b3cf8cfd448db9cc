package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
import java.util.UUID;

/** Creates an instance with three pointers. */
final class Create {
  private final WorkflowInstance template = Templates.withPointers(3);

  private Create() {}

  static Comparison of(World world) {
    Create create = new Create();
    CreateByHand byHand = new CreateByHand(world.jdbc());
    RustProviderWorkflows rustProvider =
        new RustProviderWorkflows(world.jdbc(), Tables.RUST_PROVIDER);
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    return Comparison.of(
        "create",
        "n=3",
        Alternative.of(Implementation.BASELINE, thread -> () -> byHand.create(create.instance())),
        Alternative.of(
            Implementation.RUST_PROVIDER, thread -> () -> rustProvider.create(create.instance())),
        Alternative.of(
            Implementation.HIBERNATE, thread -> () -> hibernate.create(create.instance())),
        Alternative.of(Implementation.LIBRARY, thread -> () -> create.ours(world.ours())));
  }

  /** With more callers than connections. */
  static Comparison byManyCallers(World world) {
    Create create = new Create();
    CreateByHand byHand = new CreateByHand(world.jdbc());
    return Comparison.of(
        "create-many-callers",
        "n=3",
        Comparison.MANY_CALLERS,
        Alternative.of(Implementation.BASELINE, thread -> () -> byHand.create(create.instance())),
        Alternative.of(
            Implementation.LIBRARY_WITHOUT_GROUPS,
            thread -> () -> create.ours(world.withoutGroups())),
        Alternative.of(Implementation.LIBRARY, thread -> () -> create.ours(world.ours())));
  }

  private WorkflowInstance instance() {
    return Templates.renamed(template, UUID.randomUUID());
  }

  private String ours(PersistenceProvider provider) {
    WorkflowInstance instance = instance();
    String id = provider.createNewWorkflow(instance);
    Jdbc.require(id.equals(instance.id()), "Another id");
    return id;
  }
}
