package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.Templates;
import dev.wfe.bench.World;
import dev.wfe.model.WorkflowInstance;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Reads a hundred instances with three pointers at once. */
final class GetMany {
  private static final int POINTERS = 3;

  private final World world;
  private final Instances instances;

  private GetMany(World world) {
    this.world = world;
    this.instances = new Instances(world, Templates.withPointers(POINTERS), 100);
  }

  static Comparison of(World world) {
    GetMany many = new GetMany(world);
    GetByHand byHand = new GetByHand(world.jdbc());
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    return Comparison.of(
        "get-100-ids",
        "n=3",
        Alternative.of(
            Implementation.BASELINE,
            thread -> many.reading(byHand::byIds, read -> read.pointers().size())),
        Alternative.of(Implementation.RUST_PROVIDER, thread -> many.rustProvider()),
        Alternative.of(
            Implementation.HIBERNATE,
            thread -> many.reading(hibernate::get, read -> read.getExecutionPointers().size())),
        Alternative.of(
            Implementation.LIBRARY,
            thread ->
                many.reading(
                    ids -> world.ours().getWorkflowInstances(ids),
                    read -> read.executionPointers().size())));
  }

  private Call rustProvider() throws SQLException {
    instances.copied(Tables.RUST_PROVIDER);
    return reading(
        new RustProviderReads(world.jdbc(), Tables.RUST_PROVIDER)::byIds,
        read -> read.pointers().size());
  }

  /** Reads several instances. */
  @FunctionalInterface
  private interface Reader<T> {
    List<T> read(List<String> ids) throws Exception;
  }

  private <T> Call reading(Reader<T> reader, Function<T, Integer> pointers) {
    List<String> ids =
        new ArrayList<>(instances.ours().stream().map(WorkflowInstance::id).toList());
    Collections.shuffle(ids, new Random(1));
    return () -> {
      List<T> read = reader.read(ids);
      int found = 0;
      for (T instance : read) {
        found += pointers.apply(instance);
      }
      Jdbc.require(read.size() == ids.size() && found == POINTERS * ids.size(), "Not as stored");
      return read;
    };
  }
}
