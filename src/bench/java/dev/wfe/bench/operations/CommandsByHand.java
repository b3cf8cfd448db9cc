package dev.wfe.bench.operations;

import dev.wfe.bench.Tables;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * The baseline for handling each due command in one host at a time. It claims several commands
 * under a lease. It deletes them, unless they were changed meanwhile, together with the next claim.
 * Thread-safe.
 */
final class CommandsByHand {
  private static final int CLAIMED = 64;

  private static final String LEASE =
      """
      insert into wfc.command_claims (claim_token, claimed_until)
      values (?, clock_timestamp() + interval '30 s')
      """;

  private static final String END = "delete from wfc.command_claims where claim_token = ?";

  /** Locks the rows in the order in which they are claimed, so that two hosts do not deadlock. */
  private static final String DELETE =
      """
      with handled as materialized (
        select c.ctid from wfc.scheduled_commands c
          join unnest(?::bigint[], ?::xid[], ?::tid[]) as d(id, xmin, ctid)
            on c.id = d.id and c.xmin = d.xmin and c.ctid = d.ctid
        order by c.execute_time, c.id for update of c
      )
      delete from wfc.scheduled_commands c where c.ctid = any(array(select ctid from handled));
      """;

  /**
   * The expired leases are read first, so a lease that is taken meanwhile is not among them. The
   * claimed rows are found by their ctid, without scanning all others.
   */
  private static final String CLAIM =
      """
      with due as materialized (
        select c.ctid from wfc.scheduled_commands c
        where c.execute_time <= ? and (c.claim_token is null or c.claim_token = any(array(
          select l.claim_token from wfc.command_claims l
          where l.claimed_until <= clock_timestamp())))
        order by c.execute_time, c.id limit %d
        for no key update of c skip locked
      )
      update wfc.scheduled_commands c set claim_token = ?, claimed_time = c.execute_time
      where c.ctid = any(array(select ctid from due))
      returning c.id, c.command_name, c.data, c.execute_time, c.xmin, c.ctid
      """
          .formatted(CLAIMED);

  private final DataSource dataSource;

  /** A command that only this host handles while the lease is valid. */
  private record Claimed(
      long id, String name, String data, long executeTime, String xmin, String ctid) {}

  CommandsByHand(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  long process(AtomicLong handled) throws SQLException {
    String token = UUID.randomUUID().toString();
    Jdbc jdbc = new Jdbc(dataSource);
    jdbc.update(LEASE, statement -> statement.setString(1, token));
    List<Claimed> claimed = List.of();
    long count = 0;
    do {
      claimed = settleAndClaim(token, claimed);
      claimed.forEach(command -> handled.incrementAndGet());
      count += claimed.size();
    } while (!claimed.isEmpty());
    jdbc.update(END, statement -> statement.setString(1, token));
    return count;
  }

  private List<Claimed> settleAndClaim(String token, List<Claimed> handled) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(DELETE + CLAIM)) {
      statement.setArray(1, array(connection, "int8", handled.stream().map(Claimed::id).toArray()));
      statement.setArray(
          2, array(connection, "text", handled.stream().map(Claimed::xmin).toArray()));
      statement.setArray(
          3, array(connection, "text", handled.stream().map(Claimed::ctid).toArray()));
      statement.setLong(4, Tables.DUE);
      statement.setString(5, token);
      statement.execute();
      Jdbc.require(statement.getUpdateCount() == handled.size(), "Changed by another host");
      statement.getMoreResults(Statement.CLOSE_CURRENT_RESULT);
      List<Claimed> claimed = new ArrayList<>();
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          claimed.add(
              new Claimed(
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getLong(4),
                  rows.getString(5),
                  rows.getString(6)));
        }
      }
      return claimed;
    }
  }

  private static Array array(Connection connection, String type, Object[] values)
      throws SQLException {
    return connection.createArrayOf(type, values);
  }
}
