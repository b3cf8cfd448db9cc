package dev.wfe.cli;

import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Lists rows in pages. */
abstract class ListCommand<T> extends StoreCommand {
  private static final int MAX_ROWS = 100_000;
  private static final int EXACT_UP_TO = 10_000;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      order = 90,
      description = "at most so many rows, up to 100000; ${DEFAULT-VALUE} by default")
  private int limit;

  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      order = 91,
      description =
          "continue after the previous page: the cursor that it ended with. Give the same filter"
              + " and sort again")
  private @Nullable String after;

  @Option(
      names = "--count",
      order = 92,
      description = "count the rows instead: exactly up to 10000, then an estimate")
  private boolean count;

  abstract List<Column<T>> columns();

  abstract CursoredPage<T> page(WorkflowQueries queries, PageRequest page);

  abstract RowCount count(WorkflowQueries queries, int exactUpTo);

  static SortDirection direction(boolean reverse) {
    return reverse ? SortDirection.DESCENDING : SortDirection.ASCENDING;
  }

  @Override
  void checkArguments() {
    if (limit < 1 || limit > MAX_ROWS) {
      throw new CliException(
          CliException.USAGE, "--limit is %s, not between 1 and %s".formatted(limit, MAX_ROWS));
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    if (count) {
      RowCount rows = count(provider, EXACT_UP_TO);
      printer()
          .print(
              List.of(
                  Column.<RowCount>of("rows", RowCount::rows),
                  Column.of("estimated", RowCount::estimated)),
              List.of(rows));
      return 0;
    }
    CursoredPage<T> found = rows(provider);
    printer().print(columns(), found.rows(), found.next());
    return 0;
  }

  private CursoredPage<T> rows(WorkflowQueries queries) {
    return collect(limit, after, request -> page(queries, request));
  }

  /** A function that reads a page. */
  interface Pages<T> {
    CursoredPage<T> read(PageRequest request);
  }

  /** Reads so many rows in pages. */
  static <T> CursoredPage<T> collect(int limit, @Nullable String after, Pages<T> pages) {
    List<T> rows = new ArrayList<>();
    String next = after;
    do {
      int room = Math.min(PageRequest.MAX_LIMIT, limit - rows.size());
      CursoredPage<T> page = pages.read(new PageRequest(room, next));
      rows.addAll(page.rows());
      next = page.next();
    } while (next != null && rows.size() < limit);
    return new CursoredPage<>(rows, next);
  }
}
