package dev.wfe.bench.operations;

import dev.wfe.bench.Alternative;
import dev.wfe.bench.Comparison;
import dev.wfe.bench.Implementation;
import dev.wfe.bench.Tables;
import dev.wfe.bench.World;
import dev.wfe.model.ExecutionError;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Persists a hundred errors at once. */
final class Errors {
  private static final String ALL =
      """
      insert into wfc.execution_errors (error_time, workflow_id, execution_pointer_id, message)
      select * from unnest(?::timestamptz[], ?::text[], ?::text[], ?::text[])
      """;

  private static final String ONE =
      """
      insert into %s.execution_errors (error_time, workflow_id, execution_pointer_id, message)
      values (?, ?, ?, ?)
      """
          .formatted(Tables.RUST_PROVIDER);

  private final World world;
  private final Jdbc jdbc;
  private final PlainHibernate hibernate;
  private final List<ExecutionError> errors =
      IntStream.range(0, 100)
          .mapToObj(i -> ExecutionError.now("w" + i, "p" + i, "The service did not answer, " + i))
          .toList();

  private Errors(World world) {
    this.world = world;
    this.jdbc = new Jdbc(world.jdbc());
    this.hibernate = new PlainHibernate(world.hibernate());
  }

  static Comparison of(World world) {
    Errors errors = new Errors(world);
    return Comparison.of(
        "errors",
        "100",
        Alternative.of(Implementation.BASELINE, thread -> errors::byHand),
        Alternative.of(Implementation.RUST_PROVIDER, thread -> errors::rustProvider),
        Alternative.of(Implementation.HIBERNATE, thread -> errors::hibernate),
        Alternative.of(Implementation.LIBRARY, thread -> errors::ours));
  }

  private int byHand() throws SQLException {
    int written =
        jdbc.update(
            ALL,
            statement -> {
              array(statement, 1, error -> error.errorTime().toString());
              array(statement, 2, ExecutionError::workflowId);
              array(statement, 3, ExecutionError::executionPointerId);
              array(statement, 4, ExecutionError::message);
            });
    Jdbc.require(written == errors.size(), "Not all written");
    return written;
  }

  private void array(PreparedStatement statement, int at, Function<ExecutionError, String> column)
      throws SQLException {
    String[] values = new String[errors.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(errors.get(i));
    }
    statement.setArray(at, statement.getConnection().createArrayOf("text", values));
  }

  /** Writes and commits each error separately. */
  private int rustProvider() throws SQLException {
    int written = 0;
    for (ExecutionError error : errors) {
      written +=
          jdbc.update(
              ONE,
              statement -> {
                Values.time(statement, 1, error.errorTime());
                statement.setString(2, error.workflowId());
                statement.setString(3, error.executionPointerId());
                statement.setString(4, error.message());
              });
    }
    Jdbc.require(written == errors.size(), "Not all written");
    return written;
  }

  private int hibernate() {
    hibernate.persistErrors(errors);
    return errors.size();
  }

  private int ours() {
    world.ours().persistErrors(errors);
    return errors.size();
  }
}
