package dev.wfe.cli;

import dev.wfe.model.CommandName;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.persistence.CommandFilter;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowQueries;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists scheduled commands. */
@Command(
    name = "commands",
    description = {"Lists scheduled commands, the earliest due first.", ""})
final class ListCommands extends ListCommand<ScheduledCommand> {
  @Parameters(
      arity = "0..1",
      paramLabel = "ID",
      description = "of the workflow or event with this id")
  private @Nullable String data;

  @Option(names = "--kind", paramLabel = "KIND", description = "ProcessWorkflow or ProcessEvent")
  private @Nullable CommandName kind;

  @Option(
      names = "--due-before",
      paramLabel = "TIME",
      description = "due before: " + PointInTime.FORMS)
  private @Nullable Instant dueBefore;

  @Override
  List<Column<ScheduledCommand>> columns() {
    return List.of(
        Column.of("command", command -> command.commandName().word()),
        Column.of("id", ScheduledCommand::data),
        Column.of("due", command -> ListWorkflows.time(command.executeTime())));
  }

  private CommandFilter filter() {
    return new CommandFilter(kind, data, new TimeRange(null, dueBefore));
  }

  @Override
  CursoredPage<ScheduledCommand> page(WorkflowQueries queries, PageRequest page) {
    return queries.findCommands(filter(), SortDirection.ASCENDING, page);
  }

  @Override
  RowCount count(WorkflowQueries queries, int exactUpTo) {
    return queries.countCommands(filter(), exactUpTo);
  }
}
