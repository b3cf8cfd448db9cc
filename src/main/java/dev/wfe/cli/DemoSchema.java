package dev.wfe.cli;

import dev.wfe.cli.orders.OrderWorkflow;
import dev.wfe.postgres.PostgresPersistenceProvider;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Table;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks that a schema contains only what this version of the demo has written. */
final class DemoSchema {
  /**
   * The tables, each with the expression that begins with the prefix of the demo's ids in its rows.
   * Tables that are left out contain no rows without one in another table.
   */
  private static final Map<String, String> OWNERS =
      Map.of(
          "workflows",
          "id",
          "execution_pointers",
          "workflow_id",
          "events",
          """
              coalesce(
                (select workflow_id from "%s".execution_pointers p where p.id = t.event_key), t.id)
              """,
          "event_subscriptions",
          "workflow_id",
          "execution_errors",
          "workflow_id",
          "scheduled_commands",
          "data",
          "definition_sequences",
          "definition_id || '-'",
          "workflow_definitions",
          "definition_id || '-'",
          LedgerTable.NAME,
          "workflow_id");

  private static final String HISTORY = "wfe_schema_history";

  private DemoSchema() {}

  /**
   * Checks the provider's schema.
   *
   * @throws CliException if it contains tables or rows of other programs, or of other versions of
   *     this one
   */
  static void requireOwn(PostgresPersistenceProvider provider) {
    String schema = provider.options().schema();
    Set<String> ofStores = tablesOfStores(provider);
    try (EntityManager entities = provider.entityManagerFactory().createEntityManager()) {
      for (Object name : tables(entities, schema)) {
        String table = String.valueOf(name);
        if (!ofStores.contains(table) || holdsOthers(entities, schema, table)) {
          throw new CliException(
              CliException.DATABASE,
              "The schema %s contains data of other programs or versions: table %s. Nothing was written; choose another schema with --schema"
                  .formatted(schema, table));
        }
      }
    }
  }

  private static Set<String> tablesOfStores(PostgresPersistenceProvider provider) {
    return Stream.concat(
            Stream.of(HISTORY, LedgerTable.NAME),
            provider.entityManagerFactory().getMetamodel().getEntities().stream()
                .map(entity -> entity.getJavaType().getAnnotation(Table.class).name()))
        .collect(Collectors.toSet());
  }

  private static List<?> tables(EntityManager entities, String schema) {
    return entities
        .createNativeQuery(
            """
            select c.relname::text
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = cast(:schema as text) and c.relkind in ('r', 'p', 'v', 'm', 'f')
            order by 1
            """,
            String.class)
        .setParameter("schema", schema)
        .getResultList();
  }

  private static boolean holdsOthers(EntityManager entities, String schema, String table) {
    String owner = OWNERS.get(table);
    return owner != null
        && (Boolean)
            entities
                .createNativeQuery(
                    "select exists (select 1 from \"%s\".%s t where left(%s, %s) <> '%s')"
                        .formatted(
                            schema,
                            table,
                            owner.formatted(schema),
                            OrderWorkflow.ID_PREFIX.length(),
                            OrderWorkflow.ID_PREFIX),
                    Boolean.class)
                .getSingleResult();
  }
}
