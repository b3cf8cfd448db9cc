package dev.wfe.postgres.entity;

import org.hibernate.boot.model.naming.Identifier;
import org.hibernate.boot.model.naming.PhysicalNamingStrategy;
import org.hibernate.engine.jdbc.env.spi.JdbcEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Points the entities at another schema and table prefix than the default {@code wfc} and none. For
 * persistence units that hold these entities alone: every table of the unit gets the prefix.
 *
 * <p>Immutable and thread-safe.
 */
public final class StoreNamingStrategy implements PhysicalNamingStrategy {
  static final String MAPPED_SCHEMA = "wfc";

  private final String schema;
  private final String prefix;

  /**
   * The names of one store, case kept.
   *
   * @param schema the schema that stands for the mapped one
   * @param prefix what the names of tables and sequences start with; may be empty
   */
  public StoreNamingStrategy(String schema, String prefix) {
    this.schema = schema;
    this.prefix = prefix;
  }

  @Override
  public @Nullable Identifier toPhysicalCatalogName(
      @Nullable Identifier name, JdbcEnvironment environment) {
    return name;
  }

  @Override
  public @Nullable Identifier toPhysicalSchemaName(
      @Nullable Identifier name, JdbcEnvironment environment) {
    return name != null && name.getText().equals(MAPPED_SCHEMA)
        ? Identifier.toIdentifier(schema, true)
        : name;
  }

  @Override
  public Identifier toPhysicalTableName(Identifier name, JdbcEnvironment environment) {
    return Identifier.toIdentifier(prefix + name.getText(), true);
  }

  @Override
  public Identifier toPhysicalSequenceName(Identifier name, JdbcEnvironment environment) {
    return Identifier.toIdentifier(prefix + name.getText(), true);
  }

  @Override
  public Identifier toPhysicalColumnName(Identifier name, JdbcEnvironment environment) {
    return name;
  }
}
