package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Reads the ids of the hundred instances that are due. */
final class RunnableIds {
  private static final int DUE = 100;

  private static final String EARLIEST_FIRST =
      """
      select id from wfc.workflows
      where status = 'Runnable' and next_execution <= (select ?::bigint)
      order by next_execution, id
      """;

  private static final String IN_NO_ORDER =
      "select id from %s.workflows where next_execution <= ? and status = 'Runnable'"
          .formatted(Tables.RUST_PROVIDER);

  private final World world;
  private final Jdbc jdbc;
  private final PlainHibernate hibernate;

  private RunnableIds(World world) {
    this.world = world;
    this.jdbc = new Jdbc(world.jdbc());
    this.hibernate = new PlainHibernate(world.hibernate());
  }

  static Comparison of(World world) {
    RunnableIds runnable = new RunnableIds(world);
    return Comparison.of(
        "runnable",
        "100 due",
        Alternative.of(Implementation.BASELINE, thread -> () -> runnable.select(EARLIEST_FIRST)),
        Alternative.of(Implementation.RUST_PROVIDER, thread -> () -> runnable.select(IN_NO_ORDER)),
        Alternative.of(Implementation.HIBERNATE, thread -> runnable::hibernate),
        Alternative.of(Implementation.LIBRARY, thread -> runnable::ours));
  }

  private List<String> select(String sql) throws SQLException {
    return all(
        jdbc.query(
            sql,
            statement -> statement.setLong(1, Tables.DUE),
            rows -> {
              List<String> ids = new ArrayList<>();
              while (rows.next()) {
                ids.add(rows.getString(1));
              }
              return ids;
            }));
  }

  private List<String> hibernate() {
    return all(hibernate.runnable(Tables.DUE));
  }

  private List<String> ours() {
    return all(world.ours().getRunnableInstances(Instant.ofEpochMilli(Tables.DUE)));
  }

  private static List<String> all(List<String> ids) {
    Jdbc.require(ids.size() == DUE, "Not all that are due");
    return ids;
  }
}
