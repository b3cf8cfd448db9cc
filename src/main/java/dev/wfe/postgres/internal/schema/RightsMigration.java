package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Grants to existing roles what they need on the objects that migrations added, so that a role that
 * could work with the tables before an upgrade can work with them afterwards. Rights on single
 * columns count as rights on the table; rights that were granted to all are granted to all.
 */
final class RightsMigration extends OnlineMigration {
  /** A right on a table, and what its holders get. */
  private record Need(String table, String right, String privileges, String kind, String object) {}

  private static final Need[] NEEDS = {
    new Need(
        "execution_pointers", "INSERT", "usage", "sequence", "execution_pointers_position_seq"),
    new Need(
        "scheduled_commands",
        "UPDATE",
        "select, insert, update, delete",
        "table",
        "command_claims"),
    new Need("scheduled_commands", "SELECT", "select", "table", "command_claims"),
    new Need("workflows", "SELECT", "select", "table", SchemaManager.HISTORY)
  };

  /** Whom the right on the table was granted to, beside its owner. */
  private static final String GRANTEES =
      """
      select pg_catalog.string_agg(distinct
        case acl.grantee when 0 then 'public'
          else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl.grantee)) end, ', ')
      from pg_catalog.pg_class c
      cross join lateral (
        select a.grantee, a.privilege_type from pg_catalog.aclexplode(c.relacl) a
        union
        select a.grantee, a.privilege_type
        from pg_catalog.pg_attribute t cross join lateral pg_catalog.aclexplode(t.attacl) a
        where t.attrelid = c.oid and not t.attisdropped
      ) acl
      where c.oid = pg_catalog.to_regclass(?) and acl.privilege_type = ?
        and acl.grantee <> c.relowner
      """;

  RightsMigration(StoreNames names) {
    super("9", "rights", names);
  }

  @Override
  void migrate(Connection connection) throws SQLException {
    for (Need need : NEEDS) {
      String grantees = query(connection, GRANTEES, names.table(need.table), need.right);
      if (grantees != null) {
        execute(
            connection,
            "grant %s on %s %s to %s"
                .formatted(need.privileges, need.kind, names.table(need.object), grantees));
      }
    }
  }
}
