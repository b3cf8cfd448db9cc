package dev.wfe.postgres.internal.sql;

import dev.wfe.persistence.PageCursor;
import dev.wfe.persistence.SortDirection;
import dev.wfe.postgres.entity.InstantColumn;
import jakarta.persistence.Tuple;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Order;
import jakarta.persistence.criteria.Selection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.StatelessSession;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.query.criteria.JpaCriteriaQuery;
import org.hibernate.query.criteria.JpaExpression;
import org.hibernate.query.criteria.JpaSubQuery;
import org.jspecify.annotations.Nullable;

/**
 * A query for the rows of one entity, in pages. A page continues by comparing the sorted column and
 * the id, as one row value, with those of a cursor, so that an index on both leads to the first row
 * of the page. Rows without a value in the sorted column come last, by id, in a statement of their
 * own. Thread-safe.
 *
 * @param <E> the entity
 */
public abstract class EntityQuery<E> {
  private static final String KEY = "page_key";
  private static final String ROW_ID = "page_id";

  /** The types of sorted columns and ids. */
  enum KeyType {
    TEXT("text"),
    BIGINT("bigint"),
    TIME("timestamptz");

    private final String sql;

    KeyType(String sql) {
      this.sql = sql;
    }

    boolean accepts(String text) {
      try {
        switch (this) {
          case BIGINT -> Long.parseLong(text);
          case TIME -> {
            if (!text.equals("infinity") && !text.equals("-infinity")) {
              InstantColumn.parse(text);
            }
          }
          case TEXT -> {}
        }
        return true;
      } catch (NumberFormatException | SQLException malformed) {
        return false;
      }
    }

    private String cast() {
      return "cast(? as %s)".formatted(sql);
    }
  }

  /**
   * The column by which rows are sorted.
   *
   * @param attribute its attribute; null to sort by id only
   * @param nullable whether there are rows without a value
   */
  record Sort(@Nullable String attribute, KeyType type, boolean nullable) {
    static final Sort BY_ID = new Sort(null, KeyType.TEXT, false);
  }

  private final Class<E> entity;
  private final KeyType idType;
  private final Sort sort;
  private final SortDirection direction;

  EntityQuery(Class<E> entity, KeyType idType, Sort sort, SortDirection direction) {
    this.entity = entity;
    this.idType = idType;
    this.sort = sort;
    this.direction = direction;
  }

  /** Adds the conditions of the filter. */
  abstract void filter(QueryContext<E> query);

  /** The columns that are read, each with an alias. */
  abstract List<Selection<?>> columns(QueryContext<E> query);

  /** The rows' positions: those that are sorted without a value come behind the others. */
  private enum Segment {
    ALL,
    WITH_VALUE,
    WITHOUT_VALUE
  }

  /** Whether the cursor can be one of this query's. */
  public final boolean accepts(PageCursor cursor) {
    return idType.accepts(cursor.id())
        && (cursor.key() == null
            ? sort.attribute == null || sort.nullable
            : sort.attribute != null && sort.type.accepts(cursor.key()));
  }

  /** The cursor of a row. */
  public final PageCursor cursor(Tuple row) {
    return new PageCursor(row.get(KEY, String.class), row.get(ROW_ID, String.class));
  }

  /**
   * Returns the first rows after the cursor. No rows: nothing follows it. Reads further rows in a
   * second statement if there are rows without a value.
   */
  public final List<Tuple> rows(StatelessSession session, @Nullable PageCursor after, int limit) {
    if (!sort.nullable) {
      return rows(session, Segment.ALL, after, limit);
    }
    boolean isBehindValues = after != null && after.key() == null;
    List<Tuple> found = new ArrayList<>();
    if (!isBehindValues) {
      found.addAll(rows(session, Segment.WITH_VALUE, after, limit));
    }
    if (found.size() < limit) {
      Set<String> known =
          found.stream().map(row -> cursor(row).id()).collect(Collectors.toUnmodifiableSet());
      rows(session, Segment.WITHOUT_VALUE, isBehindValues ? after : null, limit - found.size())
          .stream()
          .filter(row -> !known.contains(cursor(row).id()))
          .forEach(found::add);
    }
    return found;
  }

  private List<Tuple> rows(
      StatelessSession session, Segment segment, @Nullable PageCursor after, int limit) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<Tuple> query = builder.createTupleQuery();
    QueryContext<E> context = new QueryContext<>(builder, query, entity);
    List<Selection<?>> columns = new ArrayList<>(columns(context));
    Expression<?> id = context.attribute("id");
    Expression<?> key =
        sort.attribute == null || segment == Segment.WITHOUT_VALUE
            ? null
            : context.attribute(sort.attribute);
    columns.add(
        key == null
            ? builder.nullLiteral(String.class).alias(KEY)
            : context.sql(String.class, "cast(? as text)", key).alias(KEY));
    columns.add(context.sql(String.class, "cast(? as text)", id).alias(ROW_ID));
    filter(context);
    if (segment != Segment.ALL && sort.attribute != null) {
      context.where(
          segment == Segment.WITH_VALUE ? "(? is not null)" : "(? is null)",
          context.attribute(sort.attribute));
    }
    if (after != null) {
      follow(context, key, id, after);
    }
    query.multiselect(columns);
    query.where(context.conditions());
    query.orderBy(key == null ? List.of(order(builder, id)) : orders(builder, key, id));
    query.fetch(limit(builder, limit));
    return session.createQuery(query).getResultList();
  }

  private void follow(
      QueryContext<E> context, @Nullable Expression<?> key, Expression<?> id, PageCursor after) {
    String follows = direction == SortDirection.ASCENDING ? ">" : "<";
    Expression<?> idAfter = context.parameter(after.id());
    if (key == null || after.key() == null) {
      context.where("(? %s %s)".formatted(follows, idType.cast()), id, idAfter);
    } else {
      context.where(
          "((?, ?) %s (%s, %s))".formatted(follows, sort.type.cast(), idType.cast()),
          key,
          id,
          context.parameter(after.key()),
          idAfter);
    }
  }

  private List<Order> orders(
      HibernateCriteriaBuilder builder, Expression<?> key, Expression<?> id) {
    return List.of(order(builder, key), order(builder, id));
  }

  private Order order(HibernateCriteriaBuilder builder, Expression<?> by) {
    return direction == SortDirection.ASCENDING ? builder.asc(by) : builder.desc(by);
  }

  /** The limit as part of the text, without which a generic plan expects a tenth of all rows. */
  static JpaExpression<Integer> limit(HibernateCriteriaBuilder builder, int limit) {
    return builder.literal(limit);
  }

  /** Returns the number of rows, and counts no further than to the limit. One row. */
  public final long count(StatelessSession session, int limit) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<Long> query = builder.createQuery(Long.class);
    JpaSubQuery<Tuple> counted = query.subquery(Tuple.class);
    QueryContext<E> context = new QueryContext<>(builder, counted, entity);
    filter(context);
    counted.multiselect(context.root().get("id").alias("id"));
    counted.where(context.conditions());
    counted.fetch(limit(builder, limit));
    query.from(counted);
    query.select(builder.count());
    return session.createQuery(query).getSingleResult();
  }

  /** Returns the plan for all rows; for a session that explains. One row. */
  public final String plan(StatelessSession session) {
    HibernateCriteriaBuilder builder = session.getFactory().getCriteriaBuilder();
    JpaCriteriaQuery<String> query = builder.createQuery(String.class);
    QueryContext<E> context = new QueryContext<>(builder, query, entity);
    filter(context);
    query.select(context.sql(String.class, "cast(? as text)", context.attribute("id")));
    query.where(context.conditions());
    return session.createQuery(query).getSingleResult();
  }

  /** The attribute, under the name of its column. */
  static Selection<?> column(QueryContext<?> query, String attribute, String name) {
    return query.attribute(attribute).alias(name);
  }

  /**
   * The attribute, a time, as text, under the name of its column. Hibernate would fail to read the
   * whole list if a row had an infinite time.
   */
  static Selection<?> time(QueryContext<?> query, String attribute, String name) {
    return query.sql(String.class, "cast(? as text)", query.attribute(attribute)).alias(name);
  }
}
