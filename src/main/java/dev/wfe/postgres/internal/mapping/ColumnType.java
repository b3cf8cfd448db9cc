package dev.wfe.postgres.internal.mapping;

import java.sql.Types;

/**
 * The type of a column, and how the driver sends its values. JSON and timestamps are sent as text,
 * because the driver has no lossless representation of its own for them.
 */
public enum ColumnType {
  /** Text. */
  TEXT("text", "text", Types.VARCHAR),
  /** JSON. */
  JSONB("jsonb", "text", Types.VARCHAR),
  /** An instant. */
  TIMESTAMPTZ("timestamptz", "text", Types.VARCHAR),
  /** A 32-bit integer. */
  INTEGER("integer", "int4", Types.INTEGER),
  /** A 64-bit integer. */
  BIGINT("bigint", "int8", Types.BIGINT),
  /** A boolean. */
  BOOLEAN("boolean", "bool", Types.BOOLEAN);

  private final String sqlName;
  private final String elementType;
  private final int jdbcType;

  ColumnType(String sqlName, String elementType, int jdbcType) {
    this.sqlName = sqlName;
    this.elementType = elementType;
    this.jdbcType = jdbcType;
  }

  /** PostgreSQL's name of the type. */
  public String sqlName() {
    return sqlName;
  }

  /** PostgreSQL's element type of arrays that carry the values. */
  public String elementType() {
    return elementType;
  }

  /** The constant of {@link Types} for a parameter that carries a value. */
  public int jdbcType() {
    return jdbcType;
  }
}
