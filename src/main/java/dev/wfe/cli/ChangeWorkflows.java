package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.host.WorkflowClient;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CursoredPage;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes the workflows that are given by their ids or by conditions. */
abstract class ChangeWorkflows<R> extends StoreCommand {
  private static final int MAX_WORKFLOWS = 100_000;
  private static final int PREVIEWED = 10;
  private static final int READ_AT_ONCE = 100;

  @Parameters(arity = "0..*", paramLabel = "ID", description = "the ids of the workflows")
  private List<String> ids = List.of();

  @Mixin private final WorkflowSelection selection = new WorkflowSelection();

  @Option(
      names = "--max",
      paramLabel = "N",
      defaultValue = "1000",
      order = 90,
      description =
          "refuse to change more than so many workflows, at most 100000; ${DEFAULT-VALUE} by"
              + " default")
  private int max;

  @Option(names = "--dry-run", order = 94, description = "only show which workflows are selected")
  private boolean dryRun;

  @Mixin private final Confirmation confirmation = new Confirmation();

  /** The name of the change, such as "suspend". */
  abstract String verb();

  abstract Map<String, ItemResult<R>> change(BulkControl workflows);

  /** Whether the result says that something was changed. */
  abstract boolean hadEffect(R result);

  @Override
  void checkArguments() {
    if (max < 1 || max > MAX_WORKFLOWS) {
      throw new CliException(
          CliException.USAGE, "--max is %s, not between 1 and %s".formatted(max, MAX_WORKFLOWS));
    }
    if (ids.isEmpty() == selection.isEmpty()) {
      throw new CliException(
          CliException.USAGE,
          ids.isEmpty()
              ? "Nothing is selected: give ids, or conditions as for 'wfe list'"
              : "Give ids or conditions, not both");
    }
  }

  /** A workflow that is to be changed. */
  private record Target(String id, String name, String definition, String status) {
    static Target of(WorkflowSummary workflow) {
      return new Target(
          workflow.id(),
          workflow.name(),
          workflow.workflowDefinitionId(),
          workflow.status().word());
    }

    static Target of(WorkflowInstance workflow) {
      return new Target(
          workflow.id(),
          workflow.name(),
          workflow.workflowDefinitionId(),
          workflow.status().word());
    }
  }

  private static final List<Column<Target>> TARGETS =
      List.of(
          Column.of("id", Target::id),
          Column.of("name", Target::name),
          Column.of("definition", Target::definition),
          Column.of("status", Target::status));

  /**
   * What became of a workflow.
   *
   * @param result done, "no effect" or refused
   * @param reason why it was refused, or null
   */
  private record Change(String id, String result, @Nullable String reason) {}

  private static final List<Column<Change>> CHANGES =
      List.of(
          Column.of("id", Change::id),
          Column.of("result", Change::result),
          Column.of("reason", Change::reason));

  @Override
  int run(PostgresPersistenceProvider provider) {
    List<Target> targets = ids.isEmpty() ? selected(provider) : named(provider);
    RowPrinter printer = printer();
    if (targets.isEmpty() || dryRun) {
      printer.print(TARGETS, targets);
      return 0;
    }
    preview(targets);
    confirmation.require(
        this,
        "%s %s?"
            .formatted(
                capitalised(verb()),
                targets.size() == 1 ? "this workflow" : targets.size() + " workflows"));
    List<Change> changes = changes(provider, targets.stream().map(Target::id).toList());
    return report(printer, changes);
  }

  private List<Target> selected(PostgresPersistenceProvider provider) {
    WorkflowFilter filter = selection.filter();
    CursoredPage<WorkflowSummary> found =
        ListCommand.collect(
            max, null, page -> provider.findWorkflows(filter, WorkflowSort.NEWEST_FIRST, page));
    if (found.next() != null) {
      throw new CliException(
          CliException.USAGE,
          "More than %s workflows meet the conditions; nothing was changed. Narrow them, or raise --max"
              .formatted(max));
    }
    return found.rows().stream().map(Target::of).toList();
  }

  private List<Target> named(PostgresPersistenceProvider provider) {
    Set<String> missing = new LinkedHashSet<>(ids);
    if (missing.size() > max) {
      throw new CliException(
          CliException.USAGE,
          "There are more than %s ids; nothing was changed. Raise --max".formatted(max));
    }
    List<String> distinct = List.copyOf(missing);
    List<Target> targets = new ArrayList<>();
    for (int from = 0; from < distinct.size(); from += READ_AT_ONCE) {
      provider
          .getWorkflowInstances(
              distinct.subList(from, Math.min(from + READ_AT_ONCE, distinct.size())))
          .forEach(workflow -> targets.add(Target.of(workflow)));
    }
    targets.forEach(target -> missing.remove(target.id()));
    for (String id : missing) {
      requireReadable(provider, id);
    }
    return targets;
  }

  /**
   * Says why a workflow was not read: there is none, or another program has stored what is invalid.
   */
  private static void requireReadable(PostgresPersistenceProvider provider, String id) {
    try {
      provider.getWorkflowInstance(id);
    } catch (NotFoundException e) {
      throw new CliException(
          CliException.UNKNOWN,
          "No workflow has the id '%s'; nothing was changed. To select by name, use --name"
              .formatted(id),
          e);
    }
  }

  private void preview(List<Target> targets) {
    // where the question is asked, so that the output stays clean
    RowPrinter notes =
        new RowPrinter(
            spec().commandLine().getErr(),
            spec().commandLine().getErr(),
            main().terminal(),
            OutputFormat.TABLE);
    notes.print(TARGETS, targets.subList(0, Math.min(PREVIEWED, targets.size())));
    if (targets.size() > PREVIEWED) {
      notes.note(
          "… and %s more; --dry-run shows all of them".formatted(targets.size() - PREVIEWED));
    }
  }

  private List<Change> changes(PostgresPersistenceProvider provider, Collection<String> targets) {
    BulkControl control = WorkflowClient.over(provider).all(targets);
    Map<String, ItemResult<R>> results;
    try (ProgressDisplay progress =
        new ProgressDisplay(spec().commandLine().getErr(), "Workflows done", targets.size())) {
      results = change(control.onProgress(progress::show));
      progress.end(results.size());
    }
    List<Change> changes = new ArrayList<>();
    results.forEach((id, result) -> changes.add(change(id, result)));
    return changes;
  }

  private Change change(String id, ItemResult<R> result) {
    if (result instanceof ItemResult.Refused<R> refused) {
      return new Change(id, "refused", refused.reason().getMessage());
    }
    return new Change(id, hadEffect(result.orThrow()) ? "done" : "no effect", null);
  }

  private int report(RowPrinter printer, List<Change> changes) {
    long done = changes.stream().filter(change -> change.result().equals("done")).count();
    List<Change> refused = changes.stream().filter(change -> change.reason() != null).toList();
    if (printer.format() != OutputFormat.TABLE) {
      printer.print(CHANGES, changes);
    } else if (!refused.isEmpty()) {
      printer.print(CHANGES, refused);
    }
    long without = changes.size() - done - refused.size();
    printer.note(
        "%s: %s done, %s without effect, %s refused"
            .formatted(verb(), done, without, refused.size()));
    return refused.isEmpty() ? 0 : CliException.DIFFERENT;
  }

  private static String capitalised(String verb) {
    return Character.toUpperCase(verb.charAt(0)) + verb.substring(1);
  }
}
