package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.entity.WorkflowEntity;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/** Reads an instance with its pointers, by id or by name. */
final class Get {
  private static final int MEGABYTE = 1_000_000;

  private final World world;
  private final String load;
  private final Instances instances;
  private final GetByHand byHand;
  private final PlainHibernate hibernate;

  private Get(World world, String load, WorkflowInstance template, int count) {
    this.world = world;
    this.load = load;
    this.instances = new Instances(world, template, count);
    this.byHand = new GetByHand(world.jdbc());
    this.hibernate = new PlainHibernate(world.hibernate());
  }

  static Comparison byId(World world, int pointers) {
    return few(world, "by id", pointers).byId();
  }

  static Comparison byName(World world, int pointers) {
    return few(world, "by name", pointers).byName();
  }

  static Comparison byIdWithMegabyte(World world) {
    return large(world, "by id").byId();
  }

  static Comparison byNameWithMegabyte(World world) {
    return large(world, "by name").byName();
  }

  private static Get few(World world, String key, int pointers) {
    return new Get(world, key + ", n=" + pointers, Templates.withPointers(pointers), 64);
  }

  private static Get large(World world, String key) {
    return new Get(world, key + ", n=10, 1 MB", Templates.withPointersAndData(10, MEGABYTE), 8);
  }

  private Comparison byId() {
    return Comparison.of(
        "get",
        load,
        Alternative.of(
            Implementation.BASELINE, thread -> reading(WorkflowInstance::id, byHand::byId)),
        Alternative.of(
            Implementation.RUST_PROVIDER, thread -> rustProviderById(Tables.RUST_PROVIDER)),
        Alternative.of(
            Implementation.RUST_PROVIDER_WITHOUT_INDEX,
            thread -> rustProviderById(Tables.RUST_PROVIDER_WITHOUT_INDEX)),
        Alternative.of(
            Implementation.HIBERNATE,
            thread -> entities(WorkflowInstance::id, id -> hibernate.get("id", id))),
        Alternative.of(
            Implementation.LIBRARY,
            thread -> ours(WorkflowInstance::id, id -> world.ours().getWorkflowInstance(id))));
  }

  private Comparison byName() {
    RustProviderReads rustProvider = new RustProviderReads(world.jdbc(), Tables.RUST_PROVIDER);
    return Comparison.of(
        "get",
        load,
        Alternative.of(
            Implementation.BASELINE, thread -> reading(WorkflowInstance::name, byHand::byName)),
        Alternative.of(
            Implementation.RUST_PROVIDER,
            thread -> {
              instances.copied(Tables.RUST_PROVIDER);
              return reading(WorkflowInstance::name, rustProvider::byName);
            }),
        Alternative.of(
            Implementation.HIBERNATE,
            thread -> entities(WorkflowInstance::name, name -> hibernate.get("name", name))),
        Alternative.of(
            Implementation.LIBRARY,
            thread ->
                ours(
                    WorkflowInstance::name, name -> world.ours().getWorkflowInstanceByName(name))));
  }

  private Call rustProviderById(String schema) throws SQLException {
    instances.copied(schema);
    return reading(WorkflowInstance::id, new RustProviderReads(world.jdbc(), schema)::byId);
  }

  /** Reads by a key. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(String key) throws Exception;
  }

  private Call reading(Function<WorkflowInstance, String> key, Reader<ReadWorkflow> reader) {
    return eachInTurn(
        key,
        reader,
        (read, wanted) ->
            read.id().equals(wanted.id())
                && read.pointers().size() == wanted.executionPointers().size()
                && read.data() != null
                && read.data().size() == wanted.data().size());
  }

  private Call entities(Function<WorkflowInstance, String> key, Reader<WorkflowEntity> reader) {
    return eachInTurn(
        key,
        reader,
        (read, wanted) ->
            read.getId().equals(wanted.id())
                && read.getExecutionPointers().size() == wanted.executionPointers().size()
                && read.getData().size() == wanted.data().size());
  }

  private Call ours(Function<WorkflowInstance, String> key, Reader<WorkflowInstance> reader) {
    return eachInTurn(
        key,
        reader,
        (read, wanted) ->
            read.id().equals(wanted.id())
                && read.executionPointers().size() == wanted.executionPointers().size()
                && read.data().size() == wanted.data().size());
  }

  /** Checks that the expected value was read. */
  @FunctionalInterface
  private interface Check<T> {
    boolean holds(T read, WorkflowInstance wanted);
  }

  private <T> Call eachInTurn(
      Function<WorkflowInstance, String> key, Reader<T> reader, Check<T> check) {
    List<WorkflowInstance> all = instances.ours();
    int[] turn = {0};
    return () -> {
      WorkflowInstance wanted = all.get(turn[0]++ % all.size());
      T read = reader.read(key.apply(wanted));
      Jdbc.require(check.holds(read, wanted), "Not as stored");
      return read;
    };
  }
}
