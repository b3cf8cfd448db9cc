package dev.wfe.postgres.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.internal.sql.StoreNames;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How an upgraded store differs from a new one. The code has to work with each of these differences
 * and with no other.
 */
@ExtendWith(TestDatabaseExtension.class)
final class UpgradedFormTest {
  private static final StoreNames NAMES = new StoreNames("wfc", "");

  /** Columns without their order, constraints, indexes, sequences and storage options. */
  private static final String FORM =
      """
      select format('%s.%s %s%s default %s', c.relname, a.attname,
          format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end,
          coalesce(pg_get_expr(d.adbin, d.adrelid), 'none'))
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'wfc'::regnamespace and c.relkind = 'r' and not a.attisdropped
      union all
      select format('%s constraint %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint where connamespace = 'wfc'::regnamespace and contype <> 'n'
      union all
      select indexdef from pg_indexes where schemaname = 'wfc'
      union all
      select format('sequence %s %s', sequencename, data_type)
        from pg_sequences where schemaname = 'wfc'
      union all
      select format('%s options %s', relname, reloptions)
        from pg_class where relnamespace = 'wfc'::regnamespace and relkind = 'r'
      """;

  private static final List<String> ONLY_NEW =
      List.of(
          "execution_errors.id bigint not null"
              + " default nextval('wfc.execution_errors_id_seq'::regclass)",
          "scheduled_commands.id bigint not null"
              + " default nextval('wfc.scheduled_commands_id_seq'::regclass)",
          "sequence execution_errors_id_seq bigint",
          "sequence scheduled_commands_id_seq bigint");

  private static final List<String> ONLY_UPGRADED =
      List.of(
          "execution_errors.id integer not null"
              + " default nextval('wfc.execution_errors_id_seq'::regclass)",
          "scheduled_commands.id integer not null"
              + " default nextval('wfc.scheduled_commands_id_seq'::regclass)",
          "sequence execution_errors_id_seq integer",
          "sequence scheduled_commands_id_seq integer");

  private final TestDatabase created;

  UpgradedFormTest(TestDatabase created) {
    this.created = created;
  }

  private static Set<@Nullable String> form(TestDatabase database) {
    Set<@Nullable String> form = new TreeSet<>(database.queryForStrings(FORM));
    form.removeIf(line -> String.valueOf(line).contains("_sqlx_migrations"));
    return form;
  }

  private void assertDiffersOnlyInIds(TestDatabase upgraded, String oldStore) {
    upgraded.execute(oldStore);
    SchemaManager.migrate(upgraded.dataSource(), NAMES);
    Set<@Nullable String> onlyNew = form(created);
    Set<@Nullable String> onlyUpgraded = form(upgraded);
    onlyUpgraded.removeAll(onlyNew);
    onlyNew.removeAll(form(upgraded));

    assertThat(onlyNew).containsExactlyElementsOf(ONLY_NEW);
    assertThat(onlyUpgraded).containsExactlyElementsOf(ONLY_UPGRADED);
  }

  @Test
  void aStoreOfTheRustProviderDiffersOnlyInItsIds(@EmptyDatabase TestDatabase database) {
    assertDiffersOnlyInIds(database, OldStores.RUST_PROVIDER);
  }

  @Test
  void anOldStoreOfTheRustProviderDiffersOnlyInItsIds(@EmptyDatabase TestDatabase database) {
    assertDiffersOnlyInIds(database, OldStores.WITHOUT_NAMES);
  }
}
