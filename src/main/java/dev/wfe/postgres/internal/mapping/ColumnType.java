package dev.wfe.postgres.internal.mapping;

import java.sql.Types;

/**
 * The type of a column, and how the driver sends its values. JSON and times travel as text, because
 * the driver has no exact form of its own for either.
 */
public enum ColumnType {
  /** Text. */
  TEXT("text", "text", Types.VARCHAR),
  /** JSON. */
  JSONB("jsonb", "text", Types.VARCHAR),
  /** A point in time. */
  TIMESTAMPTZ("timestamptz", "text", Types.VARCHAR),
  /** A 32-bit number. */
  INTEGER("integer", "int4", Types.INTEGER),
  /** A 64-bit number. */
  BIGINT("bigint", "int8", Types.BIGINT),
  /** True or false. */
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

  /** PostgreSQL's name of the type of array elements that carry the values. */
  public String elementType() {
    return elementType;
  }

  /** The type in {@link Types} of a parameter that carries a value. */
  public int jdbcType() {
    return jdbcType;
  }
}
