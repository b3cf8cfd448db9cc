package dev.wfe.postgres.entity;

import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Instant;
import org.hibernate.type.descriptor.ValueBinder;
import org.hibernate.type.descriptor.ValueExtractor;
import org.hibernate.type.descriptor.WrapperOptions;
import org.hibernate.type.descriptor.java.JavaType;
import org.hibernate.type.descriptor.jdbc.BasicBinder;
import org.hibernate.type.descriptor.jdbc.BasicExtractor;
import org.hibernate.type.descriptor.jdbc.TimestampWithTimeZoneJdbcType;

/** Reads and writes Hibernate's instants with {@link InstantColumn}. Thread-safe. */
final class InstantJdbcType extends TimestampWithTimeZoneJdbcType {
  private static final long serialVersionUID = 1L;

  @Override
  public <X> ValueBinder<X> getBinder(JavaType<X> javaType) {
    return new Binder<>(javaType, this);
  }

  @Override
  public <X> ValueExtractor<X> getExtractor(JavaType<X> javaType) {
    return new Extractor<>(javaType, this);
  }

  private static final class Binder<X> extends BasicBinder<X> {
    private static final long serialVersionUID = 1L;

    Binder(JavaType<X> javaType, InstantJdbcType jdbcType) {
      super(javaType, jdbcType);
    }

    @Override
    protected void doBind(PreparedStatement statement, X value, int index, WrapperOptions options)
        throws SQLException {
      Instant instant = getJavaType().unwrap(value, Instant.class, options);
      statement.setObject(index, InstantColumn.parameter(instant));
    }

    @Override
    protected void doBind(CallableStatement statement, X value, String name, WrapperOptions options)
        throws SQLException {
      Instant instant = getJavaType().unwrap(value, Instant.class, options);
      statement.setObject(name, InstantColumn.parameter(instant));
    }
  }

  private static final class Extractor<X> extends BasicExtractor<X> {
    private static final long serialVersionUID = 1L;

    Extractor(JavaType<X> javaType, InstantJdbcType jdbcType) {
      super(javaType, jdbcType);
    }

    @Override
    protected X doExtract(ResultSet row, int index, WrapperOptions options) throws SQLException {
      return getJavaType().wrap(InstantColumn.read(row, index), options);
    }

    @Override
    protected X doExtract(CallableStatement statement, int index, WrapperOptions options)
        throws SQLException {
      throw new SQLFeatureNotSupportedException(
          "Times cannot be read from the results of procedures");
    }

    @Override
    protected X doExtract(CallableStatement statement, String name, WrapperOptions options)
        throws SQLException {
      throw new SQLFeatureNotSupportedException(
          "Times cannot be read from the results of procedures");
    }
  }
}
