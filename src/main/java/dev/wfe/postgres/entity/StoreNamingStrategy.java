package dev.wfe.postgres.entity;

import org.hibernate.boot.model.naming.Identifier;
import org.hibernate.boot.model.naming.PhysicalNamingStrategy;
import org.hibernate.engine.jdbc.env.spi.JdbcEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Maps the entities to another schema than {@code wfc} and to tables with a prefix. For persistence
 * units that contain only these entities, because every table of the unit gets the prefix.
 *
 * <p>Immutable and thread-safe.
 */
public final class StoreNamingStrategy implements PhysicalNamingStrategy {
  static final String MAPPED_SCHEMA = "wfc";

  private final String schema;
  private final String prefix;

  /**
   * Creates a strategy. Upper and lower case are preserved.
   *
   * @param schema the schema of the store's tables
   * @param prefix the prefix of the names of tables and sequences; may be empty
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
