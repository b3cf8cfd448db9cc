package dev.wfe.postgres.internal.sql;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.TimeRange;
import dev.wfe.postgres.internal.mapping.Instants;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Predicate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.query.criteria.JpaRoot;
import org.hibernate.query.criteria.JpaSelectCriteria;
import org.hibernate.query.criteria.JpaSubQuery;
import org.jspecify.annotations.Nullable;

/**
 * A query over one entity while it is built, with the conditions so far. Values are parameters that
 * are cast to the type of the column, so that each operator is PostgreSQL's own, whatever others
 * have on the search path. Not thread-safe.
 *
 * @param <E> the entity
 */
final class QueryContext<E> {
  private static final String NEVER = "(1 = 0)";

  private final HibernateCriteriaBuilder builder;
  private final JpaSelectCriteria<?> query;
  private final JpaRoot<E> root;
  private final List<Predicate> conditions = new ArrayList<>();

  QueryContext(HibernateCriteriaBuilder builder, JpaSelectCriteria<?> query, Class<E> entity) {
    this.builder = builder;
    this.query = query;
    this.root = query.from(entity);
  }

  HibernateCriteriaBuilder builder() {
    return builder;
  }

  JpaRoot<E> root() {
    return root;
  }

  Expression<?> attribute(String name) {
    return root.get(name);
  }

  /** An expression in SQL, with a {@code ?} for each operand. */
  <T> Expression<T> sql(Class<T> type, String text, Expression<?>... operands) {
    return builder.sql(text, type, operands);
  }

  Expression<?> parameter(Object value) {
    return builder.value(value);
  }

  Predicate predicate(String text, Expression<?>... operands) {
    return builder.isTrue(sql(Boolean.class, text, operands));
  }

  /** Adds a condition in SQL, in parentheses, with a {@code ?} for each operand. */
  void where(String text, Expression<?>... operands) {
    conditions.add(predicate(text, operands));
  }

  /** Adds the condition that the attribute, a text, equals the value, unless that is null. */
  void whereEqual(String attribute, @Nullable String value) {
    if (value != null) {
      where("(? = cast(? as text))", attribute(attribute), parameter(value));
    }
  }

  /** Adds the condition that a time is within the range. */
  void whereWithin(String attribute, TimeRange range) {
    whereWithin(
        attribute,
        range,
        "timestamptz",
        instant -> Instants.atOrAfter(instant).map(found -> String.valueOf(Instants.text(found))));
  }

  /** Adds the condition that a number of epoch milliseconds is within the range. */
  void whereWithinMillis(String attribute, TimeRange range) {
    whereWithin(attribute, range, "bigint", instant -> millisAtOrAfter(instant));
  }

  /** Converts a bound to what is at or after it; empty if nothing is. */
  @FunctionalInterface
  private interface Bound {
    Optional<?> atOrAfter(Instant instant);
  }

  private void whereWithin(String attribute, TimeRange range, String type, Bound bound) {
    if (!range.isAny()) {
      where("(? is not null)", attribute(attribute));
    }
    if (range.from() != null) {
      bound
          .atOrAfter(range.from())
          .ifPresentOrElse(
              from ->
                  where(
                      "(? >= cast(? as %s))".formatted(type),
                      attribute(attribute),
                      parameter(from)),
              () -> where(NEVER));
    }
    if (range.until() != null) {
      bound
          .atOrAfter(range.until())
          .ifPresent(
              until ->
                  where(
                      "(? < cast(? as %s))".formatted(type),
                      attribute(attribute),
                      parameter(until)));
    }
  }

  /** The earliest milliseconds at or after the instant; empty if that is beyond the range. */
  private static Optional<Long> millisAtOrAfter(Instant instant) {
    Instant rounded = instant.truncatedTo(ChronoUnit.MILLIS);
    try {
      return Optional.of(Math.addExact(rounded.toEpochMilli(), rounded.equals(instant) ? 0 : 1));
    } catch (ArithmeticException outOfRange) {
      return instant.isBefore(Instant.EPOCH) ? Optional.of(Long.MIN_VALUE) : Optional.empty();
    }
  }

  /** Adds the condition that the status is one of these, if there are any. */
  void whereStatus(Collection<WorkflowStatus> statuses) {
    if (!statuses.isEmpty()) {
      where(
          statuses.stream()
              .map(status -> "'" + status.word() + "'")
              .collect(Collectors.joining(", ", "(? in (", "))")),
          attribute("status"));
    }
  }

  /** Adds the condition that there is a row of another entity, or that there is none. */
  <O> void whereExists(boolean isWanted, Class<O> other, Consumer<QueryContext<O>> matching) {
    JpaSubQuery<Integer> subquery = query.subquery(Integer.class);
    QueryContext<O> inner = new QueryContext<>(builder, subquery, other);
    matching.accept(inner);
    subquery.select(builder.literal(1));
    subquery.where(inner.conditions());
    Predicate exists = builder.exists(subquery);
    conditions.add(isWanted ? exists : builder.not(exists));
  }

  /** The value of the only row of another entity that matches; null if there is none. */
  <O> Expression<String> lookup(
      Class<O> other,
      Consumer<QueryContext<O>> matching,
      Function<QueryContext<O>, Expression<String>> selected) {
    JpaSubQuery<String> subquery = query.subquery(String.class);
    QueryContext<O> inner = new QueryContext<>(builder, subquery, other);
    matching.accept(inner);
    subquery.select(selected.apply(inner));
    subquery.where(inner.conditions());
    return subquery;
  }

  Predicate[] conditions() {
    return conditions.toArray(new Predicate[0]);
  }

  Expression<?>[] attributes(String... names) {
    return Arrays.stream(names).map(this::attribute).toArray(Expression<?>[]::new);
  }
}
