package dev.wfe.postgres.internal.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.persistence.ValueLimits;
import jakarta.persistence.Column;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an entity like a row: by the columns that its annotations name. It calls the getters,
 * because the entity may be a Hibernate proxy whose fields are empty. Not thread-safe.
 */
final class EntityRow extends Row {
  private static final ClassValue<Map<String, Method>> GETTERS =
      new ClassValue<>() {
        @Override
        protected Map<String, Method> computeValue(Class<?> entityClass) {
          return getters(entityClass);
        }
      };

  private final Object entity;
  private final Map<String, Method> getters;

  private EntityRow(String table, Object entity, Map<String, Method> getters) {
    super(table, Objects.toString(value(entity, getters, "id"), ""));
    this.entity = entity;
    this.getters = getters;
  }

  /**
   * Wraps the entity as a row of the table.
   *
   * @param entityClass the mapped class, not Hibernate's generated subclass
   */
  static <E> EntityRow of(String table, Class<E> entityClass, E entity) {
    return new EntityRow(table, entity, GETTERS.get(entityClass));
  }

  private static Map<String, Method> getters(Class<?> entityClass) {
    Map<String, Method> getters = new HashMap<>();
    for (Field field : entityClass.getDeclaredFields()) {
      Column column = field.getAnnotation(Column.class);
      if (column != null) {
        getters.put(column.name(), getter(entityClass, field));
      }
    }
    return Map.copyOf(getters);
  }

  private static Method getter(Class<?> entityClass, Field field) {
    String name = field.getName();
    String property = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    String prefix = field.getType() == boolean.class ? "is" : "get";
    try {
      return entityClass.getMethod(prefix + property);
    } catch (NoSuchMethodException missing) {
      throw new IllegalStateException("The mapped field has no getter: " + field, missing);
    }
  }

  @Override
  @Nullable String optionalText(String column) {
    return value(column, String.class);
  }

  @Override
  @Nullable Integer optionalInteger(String column) {
    return value(column, Integer.class);
  }

  @Override
  @Nullable Long optionalBigint(String column) {
    return value(column, Long.class);
  }

  @Override
  @Nullable Boolean optionalBoolean(String column) {
    return value(column, Boolean.class);
  }

  @Override
  @Nullable Instant optionalInstant(String column) {
    return value(column, Instant.class);
  }

  /** Checks the limits here, because an entity may hold any JSON that PostgreSQL accepts. */
  @Override
  @Nullable JsonNode optionalJson(String column) {
    JsonNode json = value(column, JsonNode.class);
    String problem = json == null ? null : ValueLimits.storedJsonProblem(json);
    if (problem != null) {
      throw unreadable(column, "holds JSON that " + problem, null);
    }
    return json;
  }

  private <T> @Nullable T value(String column, Class<T> type) {
    return type.cast(value(entity, getters, column));
  }

  private static @Nullable Object value(Object entity, Map<String, Method> getters, String column) {
    Method getter = getters.get(column);
    if (getter == null) {
      throw new IllegalArgumentException("The entity has no column " + column);
    }
    try {
      return getter.invoke(entity);
    } catch (InvocationTargetException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(failure);
    } catch (IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
