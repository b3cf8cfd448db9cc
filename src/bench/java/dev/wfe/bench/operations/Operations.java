package dev.wfe.bench.operations;

import dev.wfe.bench.Comparison;
import dev.wfe.bench.World;
import java.util.List;

/** The list of comparisons. */
public final class Operations {
  private Operations() {}

  /** All comparisons on the tables of the database. */
  public static List<Comparison> all(World world) {
    return List.of(
        Persist.of(world, 1),
        Persist.of(world, 10),
        Persist.of(world, 100),
        Persist.of(world, 1_000),
        PersistSubscribing.of(world),
        Create.of(world),
        Persist.byManyCallers(world),
        Create.byManyCallers(world),
        Persist.timesOfManyCallers(world),
        Get.byId(world, 10),
        Get.byId(world, 100),
        Get.byIdWithMegabyte(world),
        Get.byName(world, 10),
        Get.byName(world, 100),
        Get.byNameWithMegabyte(world),
        GetMany.of(world),
        RunnableIds.of(world),
        Token.of(world),
        Sequence.of(world),
        Errors.of(world),
        Commands.of(world),
        Publish.of(world),
        MarkProcessed.ofOwnTopics(world),
        MarkProcessed.ofOneTopic(world));
  }
}
