package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.Way;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import java.sql.SQLException;
import java.util.List;

/** Persists an instance with one changed pointer and a new due time. */
public final class Persist {
  private final World world;
  private final WorkflowInstance template;
  private final int instancesPerThread;

  private Persist(World world, int pointers) {
    this.world = world;
    this.template = Templates.withPointers(pointers);
    this.instancesPerThread = pointers < 1_000 ? 8 : 2;
  }

  /** With the given number of pointers. */
  public static Comparison of(World world, int pointers) {
    Persist persist = new Persist(world, pointers);
    return Comparison.of(
        "persist",
        "n=" + pointers,
        Alternative.of(Way.BASELINE, thread -> persist.byHand()),
        Alternative.of(Way.RUST, thread -> persist.rust(Tables.RUST)),
        Alternative.of(Way.RUST_WITHOUT_INDEX, thread -> persist.rust(Tables.RUST_WITHOUT_INDEX)),
        Alternative.of(Way.HIBERNATE, thread -> persist.hibernate()),
        Alternative.of(Way.OURS, thread -> persist.ours()));
  }

  private List<WorkflowInstance> instances() {
    return world.instances(template, instancesPerThread);
  }

  private Call byHand() throws SQLException {
    List<WorkflowInstance> instances = instances();
    PersistByHand byHand = new PersistByHand(world.jdbc(), instances);
    Steps steps = new Steps(instances);
    return () -> steps.next(byHand::persist);
  }

  private Call rust(String schema) throws SQLException {
    List<WorkflowInstance> instances = instances();
    world.copy(instances, schema);
    RustWorkflows rust = new RustWorkflows(world.jdbc(), schema);
    Steps steps = new Steps(instances);
    return () -> steps.next((stepped, step) -> rust.persist(stepped));
  }

  private Call hibernate() {
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    Steps steps = new Steps(instances());
    return () -> steps.next(hibernate::persist);
  }

  private Call ours() {
    Steps steps = new Steps(instances());
    return () -> steps.next((stepped, step) -> world.ours().persistWorkflow(stepped));
  }
}
