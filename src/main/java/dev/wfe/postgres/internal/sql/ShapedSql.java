package dev.wfe.postgres.internal.sql;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A statement whose text depends on what it has to do, compiled for each shape of that when it is
 * first needed. Thread-safe.
 *
 * @param <S> the shapes, of which there are few
 */
final class ShapedSql<S> {
  private final Map<S, NamedSql> compiled = new ConcurrentHashMap<>();
  private final StoreNames names;
  private final Function<S, String> template;

  ShapedSql(StoreNames names, Function<S, String> template) {
    this.names = names;
    this.template = template;
  }

  NamedSql of(S shape) {
    return compiled.computeIfAbsent(shape, key -> new NamedSql(names, template.apply(key)));
  }
}
