package dev.wfe.postgres.internal.sql;

import java.sql.Types;

/**
 * A column that statements write, and how its values travel.
 *
 * @param stamped whether the database stamps an absent value: a new row gets the database's time, a
 *     stored row keeps what it has
 */
record Column(String name, Kind kind, boolean stamped) {
  /** JSON and times travel as text: the driver has no exact form of its own for either. */
  enum Kind {
    TEXT("text", "text", Types.VARCHAR),
    JSONB("jsonb", "text", Types.VARCHAR),
    TIMESTAMPTZ("timestamptz", "text", Types.VARCHAR),
    INTEGER("integer", "int4", Types.INTEGER),
    BIGINT("bigint", "int8", Types.BIGINT),
    BOOLEAN("boolean", "bool", Types.BOOLEAN);

    final String type;
    final String elementType;
    final int sqlType;

    Kind(String type, String elementType, int sqlType) {
      this.type = type;
      this.elementType = elementType;
      this.sqlType = sqlType;
    }
  }
}
