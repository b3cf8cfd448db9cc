package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.PersistedWorkflow;
import java.sql.SQLException;
import java.util.List;

/** Persists an instance with one changed pointer and two new subscriptions. */
final class PersistSubscribing {
  private final World world;
  private final WorkflowInstance template = Templates.withPointers(10);

  private PersistSubscribing(World world) {
    this.world = world;
  }

  static Comparison of(World world) {
    PersistSubscribing persist = new PersistSubscribing(world);
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    return Comparison.of(
        "persist-subscribing",
        "n=10, 2 subscriptions",
        Alternative.of(Implementation.BASELINE, thread -> persist.byHand()),
        Alternative.of(
            Implementation.RUST_PROVIDER, thread -> persist.rustProvider(Tables.RUST_PROVIDER)),
        Alternative.of(
            Implementation.RUST_PROVIDER_WITHOUT_INDEX,
            thread -> persist.rustProvider(Tables.RUST_PROVIDER_WITHOUT_INDEX)),
        Alternative.of(Implementation.HIBERNATE, thread -> persist.hibernate(hibernate)),
        Alternative.of(Implementation.LIBRARY, thread -> persist.ours()));
  }

  private List<WorkflowInstance> instances() {
    return world.instances(template, 8);
  }

  private Call byHand() throws SQLException {
    List<WorkflowInstance> instances = instances();
    SubscribeByHand byHand = new SubscribeByHand(world.jdbc(), instances);
    Steps steps = new Steps(instances);
    return () -> steps.next((stepped, step) -> byHand.persist(stepped, step, Topics.two(stepped)));
  }

  private Call rustProvider(String schema) throws SQLException {
    List<WorkflowInstance> instances = instances();
    world.copy(instances, schema);
    RustProviderWorkflows rustProvider = new RustProviderWorkflows(world.jdbc(), schema);
    Steps steps = new Steps(instances);
    return () -> steps.next((stepped, step) -> rustProvider.persist(stepped, Topics.two(stepped)));
  }

  private Call hibernate(PlainHibernate hibernate) {
    Steps steps = new Steps(instances());
    return () ->
        steps.next((stepped, step) -> hibernate.persist(stepped, step, Topics.two(stepped)));
  }

  private Call ours() {
    Steps steps = new Steps(instances());
    return () -> steps.next((stepped, step) -> ours(stepped));
  }

  private WorkflowInstance ours(WorkflowInstance stepped) {
    PersistedWorkflow persisted =
        world.ours().persistWorkflowWithSubscriptions(stepped, Topics.two(stepped));
    Jdbc.require(
        persisted.subscriptionIds().size() == 2 && persisted.eventIds().isEmpty(), "Not persisted");
    return persisted.instance();
  }
}
