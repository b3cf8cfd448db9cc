package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistenceProvider;
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
        Alternative.of(Implementation.BASELINE, thread -> persist.byHand()),
        Alternative.of(
            Implementation.RUST_PROVIDER, thread -> persist.rustProvider(Tables.RUST_PROVIDER)),
        Alternative.of(
            Implementation.RUST_PROVIDER_WITHOUT_INDEX,
            thread -> persist.rustProvider(Tables.RUST_PROVIDER_WITHOUT_INDEX)),
        Alternative.of(Implementation.HIBERNATE, thread -> persist.hibernate()),
        Alternative.of(Implementation.LIBRARY, thread -> persist.ours(world.ours())));
  }

  /** With ten pointers, and more callers than connections. */
  static Comparison byManyCallers(World world) {
    return Comparison.of(
        "persist-many-callers", "n=10", Comparison.MANY_CALLERS, grouped(new Persist(world, 10)));
  }

  /** How long each of 128 callers waits. */
  static Comparison timesOfManyCallers(World world) {
    return new Comparison(
        "persist-times",
        "n=10",
        Comparison.Pace.CALL_TIMES,
        List.of(128),
        1,
        List.of(grouped(new Persist(world, 10))));
  }

  private static Alternative[] grouped(Persist persist) {
    return new Alternative[] {
      Alternative.of(Implementation.BASELINE, thread -> persist.byHand()),
      Alternative.of(
          Implementation.LIBRARY_WITHOUT_GROUPS,
          thread -> persist.ours(persist.world.withoutGroups())),
      Alternative.of(Implementation.LIBRARY, thread -> persist.ours(persist.world.ours()))
    };
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

  private Call rustProvider(String schema) throws SQLException {
    List<WorkflowInstance> instances = instances();
    world.copy(instances, schema);
    RustProviderWorkflows rustProvider = new RustProviderWorkflows(world.jdbc(), schema);
    Steps steps = new Steps(instances);
    return () -> steps.next((stepped, step) -> rustProvider.persist(stepped));
  }

  private Call hibernate() {
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    Steps steps = new Steps(instances());
    return () -> steps.next(hibernate::persist);
  }

  private Call ours(PersistenceProvider provider) {
    Steps steps = new Steps(instances());
    return () -> steps.next((stepped, step) -> provider.persistWorkflow(stepped));
  }
}
