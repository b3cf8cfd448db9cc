package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Comparison.Pace;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Four hosts process ten thousand due commands until none is left. With the Rust provider each host
 * handles all of them, because it deletes commands by their time, and only after handling them.
 */
final class Commands {
  private static final int COUNT = 10_000;
  private static final int HOSTS = 4;

  private static final String DUE =
      """
      truncate %1$s.scheduled_commands;
      insert into %1$s.scheduled_commands (command_name, data, execute_time)
        select 'ProcessWorkflow', 'w' || i, i from generate_series(1, %2$d) i;
      """;

  private final World world;

  private Commands(World world) {
    this.world = world;
  }

  static Comparison of(World world) {
    Commands commands = new Commands(world);
    CommandsByHand byHand = new CommandsByHand(world.jdbc());
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    RustProviderCommands rustProvider = new RustProviderCommands(world.jdbc());
    return new Comparison(
        "commands",
        "10,000 due",
        Pace.SINGLE_CALL,
        List.of(HOSTS),
        1,
        List.of(
            commands.alternative(Implementation.BASELINE, Tables.LIBRARY, 1, byHand::process),
            commands.alternative(
                Implementation.RUST_PROVIDER, Tables.RUST_PROVIDER, HOSTS, rustProvider::process),
            commands.alternative(
                Implementation.HIBERNATE,
                Tables.LIBRARY,
                1,
                handled -> hibernate.process(Tables.DUE, command -> handled.incrementAndGet())),
            commands.alternative(Implementation.LIBRARY, Tables.LIBRARY, 1, commands::ours)));
  }

  /** Processes the commands that are due and returns their number. */
  @FunctionalInterface
  private interface Processor {
    long process(AtomicLong handled) throws Exception;
  }

  private Alternative alternative(
      Implementation implementation, String schema, int atMostTimes, Processor processor) {
    AtomicLong handled = new AtomicLong(COUNT);
    CyclicBarrier end = new CyclicBarrier(HOSTS);
    return Alternative.of(
            implementation, thread -> () -> untilAllHaveEnded(processor, handled, end))
        .preparedBy(
            () -> {
              // The first sample would leave commands for the next one.
              long all = handled.getAndSet(0);
              Jdbc.require(
                  COUNT <= all && all <= (long) COUNT * atMostTimes,
                  "Not every command was handled exactly once");
              fill(schema);
            });
  }

  /** A host that ends early has not processed all commands: the last host determines the time. */
  private static long untilAllHaveEnded(Processor processor, AtomicLong handled, CyclicBarrier end)
      throws Exception {
    try {
      long count = processor.process(handled);
      end.await(5, TimeUnit.MINUTES);
      return count;
    } catch (Exception failure) {
      end.reset();
      throw failure;
    }
  }

  private void fill(String schema) throws SQLException {
    world.execute(DUE.formatted(schema, COUNT));
    world.execute("vacuum analyze %s.scheduled_commands".formatted(schema));
  }

  private long ours(AtomicLong handled) {
    return world
        .ours()
        .processCommands(Instant.ofEpochMilli(Tables.DUE), command -> handled.incrementAndGet())
        .handled();
  }
}
