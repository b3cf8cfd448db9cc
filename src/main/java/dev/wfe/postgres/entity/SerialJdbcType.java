package dev.wfe.postgres.entity;

import org.hibernate.type.SqlTypes;
import org.hibernate.type.descriptor.jdbc.BigIntJdbcType;

/**
 * The type of a {@code bigserial} key, which is {@code serial} in an older store. Changing the type
 * of the older column would rewrite its table, so Hibernate's validation has to accept both: it
 * recognises {@code bigserial} by the name of the type, and {@code serial} by the type code.
 * Thread-safe.
 */
final class SerialJdbcType extends BigIntJdbcType {
  private static final long serialVersionUID = 1L;

  /** The {@code columnDefinition} that a column of this type needs. */
  static final String DEFINITION = "bigserial";

  @Override
  public int getDdlTypeCode() {
    return SqlTypes.INTEGER;
  }
}
