package dev.wfe.postgres.internal.schema;

import dev.wfe.postgres.internal.sql.StoreNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Grants existing roles the privileges that they need on objects that migrations added, so that a
 * role that could use the tables before an upgrade can use them afterwards. Privileges on single
 * columns count as privileges on the table. Privileges of {@code public} lead to grants to {@code
 * public}. Not thread-safe.
 */
final class RightsMigration extends OnlineMigration {
  /** A privilege on a table, and the privileges on a new object that its holders get. */
  private record Grant(String table, String right, String privileges, String kind, String object) {}

  private static final String ALL = "select, insert, update, delete";

  private static final List<Grant> OF_COMMANDS =
      List.of(
          new Grant(
              "execution_pointers",
              "INSERT",
              "usage",
              "sequence",
              "execution_pointers_position_seq"),
          new Grant("scheduled_commands", "UPDATE", ALL, "table", "command_claims"),
          new Grant("scheduled_commands", "SELECT", "select", "table", "command_claims"),
          new Grant("workflows", "SELECT", "select", "table", SchemaManager.HISTORY));

  private static final List<Grant> OF_LEASES =
      List.of(
          new Grant("workflows", "UPDATE", ALL, "table", "workflow_leases"),
          new Grant("workflows", "SELECT", "select", "table", "workflow_leases"),
          new Grant("events", "UPDATE", ALL, "table", "event_leases"),
          new Grant("events", "SELECT", "select", "table", "event_leases"),
          new Grant("workflows", "UPDATE", "select, insert", "table", "workflow_definitions"),
          new Grant("workflows", "SELECT", "select", "table", "workflow_definitions"));

  private static final List<Grant> OF_LIMITS =
      List.of(
          new Grant("workflows", "UPDATE", ALL, "table", "limit_uses"),
          new Grant("workflows", "SELECT", "select", "table", "limit_uses"));

  private static final List<Grant> OF_HOSTS =
      List.of(
          new Grant("workflows", "UPDATE", ALL, "table", "workflow_hosts"),
          new Grant("workflows", "SELECT", "select", "table", "workflow_hosts"));

  /** Lists the roles, other than the owner, that have the privilege on the table. */
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

  private final List<Grant> grants;

  private RightsMigration(
      String version, String description, StoreNames names, List<Grant> grants) {
    super(version, description, names);
    this.grants = grants;
  }

  static RightsMigration ofCommands(StoreNames names) {
    return new RightsMigration("9", "rights", names, OF_COMMANDS);
  }

  static RightsMigration ofLeases(StoreNames names) {
    return new RightsMigration("14", "rights on leases", names, OF_LEASES);
  }

  static RightsMigration ofLimits(StoreNames names) {
    return new RightsMigration("18", "rights on limits", names, OF_LIMITS);
  }

  static RightsMigration ofHosts(StoreNames names) {
    return new RightsMigration("27", "rights on hosts", names, OF_HOSTS);
  }

  @Override
  void migrate(Connection connection) throws SQLException {
    for (Grant grant : grants) {
      String grantees = query(connection, GRANTEES, names.table(grant.table), grant.right);
      if (grantees != null) {
        execute(
            connection,
            "grant %s on %s %s to %s"
                .formatted(grant.privileges, grant.kind, names.table(grant.object), grantees));
      }
    }
  }
}
