package dev.wfe.postgres.internal.sql;

import dev.wfe.model.EventSubscription;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.postgres.internal.mapping.StoreFields;

/**
 * The statements that delete workflows with everything that belongs to them, those that delete
 * other old rows, and those that read them for an export.
 *
 * <ol>
 *   <li>A workflow is deleted by two statements in one transaction and one round trip. The first
 *       one locks the rows of workflows, and passes their ids in a setting. The second one sees
 *       everything that earlier holders of the locks committed, and deletes it. A single statement
 *       would miss the pointers and subscriptions that were stored between its snapshot and the
 *       lock.
 *   <li>Locks are taken in the order of {@link WriteParts} and {@link LeaseSql}: workflows, leases,
 *       commands, subscriptions; several rows of a table in the order in which others lock them.
 *       Whoever else holds one of these rows therefore never waits for this transaction. The rows
 *       that are deleted afterwards belong to the locked workflows; nobody else locks them for
 *       longer than a statement.
 *   <li>A purge skips workflows, events and other rows that somebody has locked, so it waits
 *       neither for hosts nor for other purges, in whatever order it locks them.
 *   <li>A batch looks at a limited number of rows in the order of an index, and deletes those that
 *       match. So it reads few rows, however many rows that do not match come first; the next batch
 *       goes on behind them.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class RetentionSql {
  /** A batch ends after the workflow with which it reaches this number of pointers. */
  private static final String MAX_POINTERS = "10000::numeric";

  /** Settings of the transaction through which the first statement tells the second. */
  private static final String LOCKED = "wfe_postgres.deleting";

  private static final String SEEN = "wfe_postgres.seen";
  private static final String LAST_TIME = "wfe_postgres.last_time";
  private static final String LAST_ID = "wfe_postgres.last_id";

  private static final String IDS = "array(select id from doomed)";

  private static final String SETTINGS =
      LeaseSql.USE_INDEXES + ", " + SubscriptionSql.REQUIRE_READ_COMMITTED;

  /** Locks a workflow. The transaction may be a caller's, whose settings are kept. */
  private static final String LOCK_ONE =
      """
      select %s, %s, %s, set_config('%s', coalesce(pg_catalog.array_agg(id), '{}')::text, true)
      from (select id from {workflows} where %%s for update) locked;
      """
          .formatted(
              Signals.MARK_TRANSACTION,
              SubscriptionSql.REQUIRE_READ_COMMITTED,
              EventSql.USE_INDEXES,
              LOCKED);

  /** Locks the workflows of a batch. */
  private static final String LOCK_BATCH =
      """
      with %1$s, counted as materialized (
        select page.id, page.time, (
          select count(*) from {execution_pointers} p where p.workflow_id = page.id) as pointers
        from page
      ), admitted as materialized (
        select id, time from (
          select id, time, coalesce(sum(pointers) over (
              order by time, id rows between unbounded preceding and 1 preceding),
            0) as pointers_before
          from counted) bounded
        where pointers_before < %2$s
      ), locked as materialized (
        select a.id from {workflows} a
        where a.id = any(array(select id from admitted)) and %3$s
        for update of a skip locked
      ), last as materialized (
        select id, time from admitted order by time desc, id desc limit 1
      )
      select %4$s,
        set_config('%5$s', array(select id from locked)::text, true),
        set_config('%6$s', case
          when (select count(*) from admitted) < (select count(*) from page) then :limit::bigint
          else (select count(*) from page) end::text, true),
        set_config('%7$s', coalesce((select time from last)::text, ''), true),
        set_config('%8$s', coalesce((select id from last), ''), true);
      """;

  /** Locks the workflows of records, if they are as they were read. */
  private static final String LOCK_RECORDS =
      """
      select %s, set_config('%s', coalesce(pg_catalog.array_agg(id), '{}')::text, true)
      from (
        select a.id
        from rows from (
            pg_catalog.unnest(:ids::text[]), pg_catalog.unnest(:revisions::text[]))
          as g(id, revision)
          join {workflows} a on a.id = g.id and %s = g.revision
        where %s
        for update of a skip locked) locked;
      """;

  /** Locks rows that others may lock too, and deletes them. */
  private static String part(
      String name, String table, String key, String condition, String order) {
    return """
    %1$s as materialized (
      select a.%2$s as key from {%3$s} a where %4$s order by %5$s for update of a
    ), %1$s_gone as (
      delete from {%3$s} a where a.%2$s = any(array(select key from %1$s)) returning 1
    )\
    """
        .formatted(name, key, table, condition, order);
  }

  private static String count(String part) {
    return "(select count(*) from %s)".formatted(part);
  }

  /**
   * Deletes the locked workflows.
   *
   * @param also restricts each of the parts: subscriptions, commands, errors
   */
  private static String delete(String... also) {
    String parts =
        String.join(
            ", ",
            part(
                "lease",
                "workflow_leases",
                "workflow_id",
                "a.workflow_id = any(" + IDS + ")",
                "a.workflow_id"),
            part(
                "command",
                "scheduled_commands",
                "id",
                "a.command_name = 'ProcessWorkflow' and a.data = any(" + IDS + ")" + also[1],
                "a.execute_time, a.id"),
            part(
                "subscription",
                "event_subscriptions",
                "id",
                "a.workflow_id = any(" + IDS + ")" + also[0],
                "a.id"));
    String gone =
        count("lease_gone") + " + " + count("command_gone") + " + " + count("subscription_gone");
    String found = count("lease") + " + " + count("command") + " + " + count("subscription");
    return """
    with doomed as materialized (
      select pg_catalog.unnest(current_setting('%1$s')::text[]) as id
    ), %2$s, error_gone as (
      delete from {execution_errors} a where a.workflow_id = any(%3$s)%4$s returning 1
    ), pointer_gone as (
      delete from {execution_pointers} a where a.workflow_id = any(%3$s) returning 1
    ), gone as (
      delete from {workflows} a where a.id = any(%3$s) returning 1
    )
    select %5$s + %6$s + %7$s >= 0 as in_order, %8$s as deleted, %9$s, %10$s, %11$s\
    """
        .formatted(
            LOCKED,
            parts,
            IDS,
            also[2],
            gone,
            count("error_gone"),
            count("pointer_gone"),
            count("gone"),
            Signals.failUnless(
                "%s = %s and %s = %s".formatted(gone, found, count("gone"), count("doomed")),
                Signals.INCOMPLETE),
            Signals.REQUIRE_MARKED_TRANSACTION,
            "%s");
  }

  private static final String LAST_POSITION =
      """
      current_setting('%1$s')::bigint as seen,
      %2$s as time, current_setting('%3$s') as id
      """
          .formatted(
              SEEN,
              RetentionRows.FINITE.formatted(
                  "nullif(current_setting('%s'), '')::timestamptz".formatted(LAST_TIME)),
              LAST_ID);

  private static final String DELETE = delete("", "", "").formatted("0::bigint as seen");

  private static final String DELETE_BATCH = delete("", "", "").formatted(LAST_POSITION);

  private static final String DELETE_RECORDS =
      delete(
              " and a.id = any(:subscriptions::text[])",
              " and a.data = any(:commands::text[])",
              " and a.id = any(:errors::bigint[])")
          .formatted("0::bigint as seen");

  /** Deletes one batch of rows to which nothing but leases of events belongs. */
  private static final String PURGE =
      """
      with %1$s, found as materialized (
        select a.%2$s as id from {%3$s} a
        where a.%2$s = any(array(select id from page)) and %4$s
        for update of a skip locked
      )%5$s, gone as (
        delete from {%3$s} a where a.%2$s = any(array(select id from found)) returning 1
      ), last as materialized (
        select id, time from page order by %6$s limit 1
      )
      select (select count(*) from gone) as deleted, (select count(*) from page) as seen,
        %8$s as time, (select id from last)::text as id, %7$s
      """;

  /** Deletes those rows of records that still match. */
  private static final String PURGE_RECORDS =
      """
      with found as materialized (
        select a.%1$s as id from {%2$s} a
        where a.%1$s = any(:ids::%3$s[]) and %4$s and %5$s
        for update of a skip locked
      )%6$s, gone as (
        delete from {%2$s} a where a.%1$s = any(array(select id from found)) returning 1
      )
      select (select count(*) from gone) as deleted, 0::bigint as seen, %7$s
      """;

  private static final String REQUIRE_GONE =
      Signals.failUnless(
          "(select count(*) from gone) = (select count(*) from found)", Signals.INCOMPLETE);

  /** The keys of a list's rows, a literal limit for each power of two. */
  private record Shape(RetentionRows rows, int limit) {}

  private final NamedSql.Variants<Shape> purges;
  private final NamedSql.Variants<Shape> pages;
  private final NamedSql.Variants<RetentionRows> records;
  private final NamedSql.Variants<RetentionRows> counts;

  /**
   * Deletes a workflow with everything that belongs to it. Returns one row: {@code deleted} is 1,
   * or 0 if there is no workflow with the id.
   */
  public final NamedSql deleteById;

  /** As {@link #deleteById}, by name. */
  public final NamedSql deleteByName;

  /** Returns the subscriptions of workflows, by id. */
  public final NamedSql subscriptionsOf;

  /** Returns the errors of workflows with their ids, by id. */
  public final NamedSql errorsOf;

  /** Returns the commands to process workflows. */
  public final NamedSql commandsOf;

  /** Returns the errors with the ids, in no order. */
  public final NamedSql errorsById;

  /** Compiles the statements for the store. */
  public RetentionSql(StoreNames names) {
    deleteById = new NamedSql(names, LOCK_ONE.formatted("id = :id") + DELETE);
    deleteByName = new NamedSql(names, LOCK_ONE.formatted("name = :name") + DELETE);
    purges = new NamedSql.Variants<>(names, RetentionSql::purgeTemplate);
    pages = new NamedSql.Variants<>(names, RetentionSql::pageTemplate);
    records = new NamedSql.Variants<>(names, RetentionSql::recordsTemplate);
    counts = new NamedSql.Variants<>(names, RetentionSql::countTemplate);
    Columns<EventSubscription> subscription = SubscriptionSql.SUBSCRIPTION;
    Columns<ScheduledCommand> command = Columns.of(StoreFields.COMMAND);
    String error = Columns.of(StoreFields.ERROR).names();
    subscriptionsOf =
        new NamedSql(
            names,
            "select %s from {event_subscriptions} where workflow_id = any(:ids::text[]) order by id"
                .formatted(subscription.names()));
    errorsOf =
        new NamedSql(
            names,
            """
            select id::int8 as id, %s from {execution_errors}
            where workflow_id = any(:ids::text[]) order by id
            """
                .formatted(error));
    commandsOf =
        new NamedSql(
            names,
            """
            select id::int8 as id, %s from {scheduled_commands}
            where command_name = 'ProcessWorkflow' and data = any(:ids::text[])
            """
                .formatted(command.names()));
    errorsById =
        new NamedSql(
            names,
            "select id::int8 as id, %s from {execution_errors} where id = any(:ids::bigint[])"
                .formatted(error));
  }

  /**
   * Deletes one batch. Returns one row: how many rows it deleted ({@code deleted}) and looked at
   * ({@code seen}), and the position of the last one ({@code time}, {@code id}). If it looked at
   * fewer than the limit, it reached the end.
   */
  public NamedSql purge(RetentionRows rows, int limit) {
    return purges.of(new Shape(rows, literal(limit)));
  }

  /** Deletes what was exported. Returns one row with the number of rows that it {@code deleted}. */
  public NamedSql purgeRecords(RetentionRows rows) {
    return records.of(rows);
  }

  /**
   * Returns the keys and times of the rows of a page in order, whether each one matches, and how
   * many bytes its data has.
   */
  public NamedSql page(RetentionRows rows, int limit) {
    return pages.of(new Shape(rows, literal(limit)));
  }

  /** Returns one row with the number of matching rows, at most the limit. */
  public NamedSql count(RetentionRows rows) {
    return counts.of(rows);
  }

  private static int literal(int limit) {
    int power = Integer.highestOneBit(limit);
    return power == limit ? power : power * 2;
  }

  private static boolean isOfWorkflows(RetentionRows rows) {
    return rows.equals(RetentionRows.COMPLETE) || rows.equals(RetentionRows.TERMINATED);
  }

  private static String purgeTemplate(Shape shape) {
    RetentionRows walk = shape.rows();
    if (isOfWorkflows(shape.rows())) {
      return SETTINGS
          + ";\n"
          + LOCK_BATCH.formatted(
              walk.page(shape.limit()),
              MAX_POINTERS,
              walk.matches(),
              Signals.MARK_TRANSACTION,
              LOCKED,
              SEEN,
              LAST_TIME,
              LAST_ID)
          + DELETE_BATCH;
    }
    return SETTINGS
        + ";\n"
        + PURGE.formatted(
            walk.page(shape.limit()),
            walk.key(),
            walk.table(),
            walk.matches(),
            leases(shape.rows()),
            walk.time().isEmpty() ? "id desc" : "time desc, id desc",
            REQUIRE_GONE,
            walk.finite("(select time from last)"));
  }

  private static String leases(RetentionRows rows) {
    return rows.equals(RetentionRows.PROCESSED_EVENTS)
        ? ", " + EventSql.unleased("array(select id from found)")
        : "";
  }

  private static String recordsTemplate(RetentionRows rows) {
    if (isOfWorkflows(rows)) {
      return SETTINGS
          + ";\n"
          + LOCK_RECORDS.formatted(
              Signals.MARK_TRANSACTION, LOCKED, WorkflowSql.revision("a"), rows.matches())
          + DELETE_RECORDS;
    }
    return SETTINGS
        + ";\n"
        + PURGE_RECORDS.formatted(
            rows.key(),
            rows.table(),
            rows.keyType(),
            rows.old(),
            rows.matches(),
            leases(rows),
            REQUIRE_GONE);
  }

  private static String pageTemplate(Shape shape) {
    RetentionRows walk = shape.rows();
    return """
    with %1$s
    select page.id::text as id, %7$s as time, (%2$s) as matches, (%3$s)::bigint as bytes
    from page join {%4$s} a on a.%5$s = page.id
    order by %6$s
    """
        .formatted(
            walk.page(shape.limit()),
            walk.matches(),
            walk.bytes(),
            walk.table(),
            walk.key(),
            walk.order("page"),
            walk.finite("page.time"));
  }

  private static String countTemplate(RetentionRows rows) {
    return """
    select count(*) from (
      select from {%s} a where %s and %s limit (select :limit::bigint)) matching
    """
        .formatted(rows.table(), rows.old(), rows.matches());
  }
}
