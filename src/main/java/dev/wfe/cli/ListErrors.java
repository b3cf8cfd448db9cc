package dev.wfe.cli;

import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowQueries;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the errors of steps. */
@Command(
    name = "errors",
    description = {
      "Lists the errors of steps, the newest first; with --by-message, how often each occurred.",
      ""
    })
final class ListErrors extends ListCommand<StoredError> {
  private static final int MESSAGES = 100;

  @Parameters(arity = "0..1", paramLabel = "WORKFLOW", description = "of the workflow with this id")
  private @Nullable String workflow;

  @Option(
      names = "--definition",
      paramLabel = "ID",
      description = "of workflows of this definition")
  private @Nullable String definition;

  @Option(names = "--step", paramLabel = "ID", description = "of the step execution with this id")
  private @Nullable String pointer;

  @Option(names = "--message", paramLabel = "TEXT", description = "with exactly this message")
  private @Nullable String message;

  @Option(names = "--since", paramLabel = "TIME", description = "at or after: " + PointInTime.FORMS)
  private @Nullable Instant since;

  @Option(names = "--until", paramLabel = "TIME", description = "before")
  private @Nullable Instant until;

  @Option(names = "--oldest-first", description = "the oldest first")
  private boolean oldestFirst;

  @Option(
      names = "--by-message",
      description =
          "count by definition and message, the 100 most frequent; reads every error, so give"
              + " --since")
  private boolean byMessage;

  @Override
  List<Column<StoredError>> columns() {
    return List.of(
        Column.of("time", stored -> stored.error().errorTime()),
        Column.of("workflow", stored -> stored.error().workflowId()),
        Column.of("step", stored -> stored.error().executionPointerId()),
        Column.of("message", stored -> stored.error().message()));
  }

  private ErrorFilter filter() {
    return new ErrorFilter(workflow, pointer, new TimeRange(since, until), message, definition);
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    if (!byMessage) {
      return super.run(provider);
    }
    printer()
        .print(
            List.of(
                Column.<ErrorCount>of("count", ErrorCount::count),
                Column.of("latest", ErrorCount::latest),
                Column.of("definition", ErrorCount::definitionId),
                Column.of("message", ErrorCount::message)),
            provider.countErrorsByMessage(filter(), MESSAGES));
    return 0;
  }

  @Override
  CursoredPage<StoredError> page(WorkflowQueries queries, PageRequest page) {
    return queries.findErrors(filter(), direction(!oldestFirst), page);
  }

  @Override
  RowCount count(WorkflowQueries queries, int exactUpTo) {
    return queries.countErrors(filter(), exactUpTo);
  }
}
