package dev.wfe.bench.verbs;

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

/** Persisting an instance of which one pointer, and the time it is next due at, has changed. */
public final class Persist {
  private final World world;
  private final WorkflowInstance template;
  private final int instancesPerThread;

  private Persist(World world, int pointers) {
    this.world = world;
    this.template = Templates.withPointers(pointers);
    this.instancesPerThread = pointers < 1_000 ? 8 : 2;
  }

  /** With so many pointers. */
  public static Comparison of(World world, int pointers) {
    Persist persist = new Persist(world, pointers);
    return Comparison.of(
        "persist",
        "n=" + pointers,
        Alternative.of(Way.FLOOR, thread -> persist.byHand()),
        Alternative.of(Way.ORIGIN, thread -> persist.origin(Tables.ORIGIN)),
        Alternative.of(
            Way.ORIGIN_WITHOUT_INDEX, thread -> persist.origin(Tables.ORIGIN_WITHOUT_INDEX)),
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

  private Call origin(String schema) throws SQLException {
    List<WorkflowInstance> instances = instances();
    world.copy(instances, schema);
    OriginWorkflows origin = new OriginWorkflows(world.jdbc(), schema);
    Steps steps = new Steps(instances);
    return () -> steps.next((stepped, step) -> origin.persist(stepped));
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
