package dev.wfe.postgres.entity;

import org.hibernate.type.SqlTypes;
import org.hibernate.type.descriptor.jdbc.BigIntJdbcType;

/**
 * A {@code bigserial} key that may also be the {@code serial} of an older store. Widening that one
 * would rewrite its table, so Hibernate's comparison of the tables has to accept both: the one by
 * the name of its type, the other by its code. Thread-safe.
 */
final class SerialJdbcType extends BigIntJdbcType {
  private static final long serialVersionUID = 1L;

  /** What {@code columnDefinition} has to say beside this type. */
  static final String DEFINITION = "bigserial";

  @Override
  public int getDdlTypeCode() {
    return SqlTypes.INTEGER;
  }
}
