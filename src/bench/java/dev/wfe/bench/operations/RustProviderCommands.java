package dev.wfe.bench.operations;

import dev.wfe.bench.Tables;
import dev.wfe.model.ScheduledCommand;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** The Rust provider's statements for commands: select, handle, delete by time. Thread-safe. */
final class RustProviderCommands {
  private static final String SELECT =
      "select * from %s.scheduled_commands where execute_time <= ?".formatted(Tables.RUST_PROVIDER);

  private static final String DELETE =
      "delete from %s.scheduled_commands where execute_time <= ?".formatted(Tables.RUST_PROVIDER);

  private final Jdbc jdbc;

  RustProviderCommands(DataSource dataSource) {
    this.jdbc = new Jdbc(dataSource);
  }

  long process(AtomicLong handled) throws SQLException {
    List<ScheduledCommand> due =
        jdbc.query(
            SELECT,
            statement -> statement.setLong(1, Tables.DUE),
            rows -> {
              List<ScheduledCommand> commands = new ArrayList<>();
              while (rows.next()) {
                commands.add(
                    ScheduledCommand.processWorkflow(
                        rows.getString("data"), rows.getLong("execute_time")));
              }
              return commands;
            });
    due.forEach(command -> handled.incrementAndGet());
    jdbc.update(DELETE, statement -> statement.setLong(1, Tables.DUE));
    return due.size();
  }
}
