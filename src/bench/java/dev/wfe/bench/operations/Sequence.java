package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Call;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import java.sql.SQLException;
import java.util.List;

/** Gets the next number of one definition in sixteen threads. */
final class Sequence {
  private static final String NEXT =
      """
      insert into %s.definition_sequences as s (definition_id, next_num) values (?, 1)
      on conflict (definition_id) do update set next_num = s.next_num + 1
      returning next_num
      """;

  private final Jdbc jdbc;

  private Sequence(World world) {
    this.jdbc = new Jdbc(world.jdbc());
  }

  static Comparison of(World world) {
    Sequence sequence = new Sequence(world);
    PlainHibernate hibernate = new PlainHibernate(world.hibernate());
    String ours = NEXT.formatted(Tables.LIBRARY);
    String rustProvider = NEXT.formatted(Tables.RUST_PROVIDER);
    return Comparison.of(
        "sequence",
        "one definition",
        List.of(16),
        Alternative.of(
            Implementation.BASELINE, thread -> rising(() -> sequence.next(ours, "by hand"))),
        Alternative.of(
            Implementation.RUST_PROVIDER,
            thread -> rising(() -> sequence.next(rustProvider, "rust"))),
        Alternative.of(
            Implementation.HIBERNATE, thread -> rising(() -> hibernate.nextNumber("hibernate"))),
        Alternative.of(
            Implementation.LIBRARY,
            thread -> rising(() -> world.ours().nextDefinitionSequence("this library"))));
  }

  private long next(String sql, String definition) throws SQLException {
    return jdbc.query(
        sql, statement -> statement.setString(1, definition), rows -> Jdbc.first(rows).getLong(1));
  }

  /** Returns the next number. */
  @FunctionalInterface
  private interface Numbers {
    long next() throws Exception;
  }

  /** Checks that each number of a thread is higher than its previous one. */
  private static Call rising(Numbers numbers) {
    long[] last = {0};
    return () -> {
      long next = numbers.next();
      Jdbc.require(next > last[0], "The number was assigned before");
      last[0] = next;
      return next;
    };
  }
}
