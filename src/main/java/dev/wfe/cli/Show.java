package dev.wfe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ErrorFilter;
import dev.wfe.persistence.EventFilter;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.PageRequest;
import dev.wfe.persistence.SortDirection;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.SubscriptionFilter;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.persistence.WorkflowSort;
import dev.wfe.persistence.WorkflowSummary;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one workflow. */
@Command(
    name = "show",
    description = {
      "Shows a workflow: its fields, its steps as a tree with status, start, duration, failed"
          + " attempts and the latest error, and what it waits for. JSON and errors are cut to a"
          + " part of a line.",
      ""
    })
final class Show extends StoreCommand {
  /** Of errors and subscriptions, so many are read. */
  private static final int ROWS = 1_000;

  @Parameters(paramLabel = "ID", description = "the id or the name of the workflow")
  private String id = "";

  @Option(names = "--full", description = "show JSON and errors whole")
  private boolean full;

  /** Of the events of one topic, and of topics, so many are read for the page. */
  private static final int EVENTS = 20;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "write a page for a browser into a new file instead")
  private @Nullable Path html;

  /** A workflow with its errors and subscriptions. */
  record Found(
      WorkflowInstance instance,
      @Nullable WorkflowSummary summary,
      List<StoredError> errors,
      List<SubscriptionSummary> subscriptions) {}

  @Override
  int run(PostgresPersistenceProvider provider) {
    WorkflowInstance instance = instance(provider, id);
    Found found =
        new Found(
            instance,
            summary(provider, instance).orElse(null),
            provider
                .findErrors(
                    ErrorFilter.builder().workflow(instance.id()).build(),
                    SortDirection.DESCENDING,
                    PageRequest.first(ROWS))
                .rows(),
            provider
                .findSubscriptions(
                    SubscriptionFilter.builder().workflow(instance.id()).build(),
                    SortDirection.ASCENDING,
                    PageRequest.first(ROWS))
                .rows());
    RowPrinter printer = printer();
    if (html != null) {
      InstancePage page = new InstancePage(found, events(provider, instance), Instant.now(), full);
      HtmlPage.write(html, page.title(), page.header(), page.sections());
      printer.note("Written: " + html);
      return 0;
    }
    if (printer.format() == OutputFormat.CSV) {
      printer.print(POINTERS, instance.executionPointers());
    } else {
      printer.print(json(found), lines(found, printer.terminal()));
    }
    return 0;
  }

  /** The newest events of the first topics for which the workflow waits or waited. */
  private static List<EventSummary> events(
      PostgresPersistenceProvider provider, WorkflowInstance instance) {
    Set<Topic> topics = new LinkedHashSet<>();
    for (ExecutionPointer pointer : instance.executionPointers()) {
      if (pointer.eventName() != null && pointer.eventKey() != null && topics.size() < EVENTS) {
        topics.add(new Topic(pointer.eventName(), pointer.eventKey()));
      }
    }
    return topics.stream()
        .flatMap(
            topic ->
                provider
                    .findEvents(
                        EventFilter.builder().topic(topic.eventName(), topic.eventKey()).build(),
                        SortDirection.DESCENDING,
                        PageRequest.first(EVENTS))
                    .rows()
                    .stream())
        .toList();
  }

  private static final List<Column<ExecutionPointer>> POINTERS =
      List.of(
          Column.of("id", ExecutionPointer::id),
          Column.of("step", ExecutionPointer::stepName),
          Column.of("status", pointer -> pointer.status().word()),
          Column.of("started", ExecutionPointer::startTime),
          Column.of("ended", ExecutionPointer::endTime),
          Column.of("failedAttempts", ExecutionPointer::retryCount),
          Column.of("event", ExecutionPointer::eventName),
          Column.of("key", ExecutionPointer::eventKey));

  /**
   * Reads a workflow by its id or its name.
   *
   * @throws NotFoundException if there is none
   */
  static WorkflowInstance instance(PostgresPersistenceProvider provider, String idOrName) {
    try {
      return provider.getWorkflowInstance(idOrName);
    } catch (NotFoundException noSuchId) {
      // it can be a name
    }
    try {
      return provider.getWorkflowInstanceByName(idOrName);
    } catch (NotFoundException e) {
      throw new CliException(
          CliException.UNKNOWN,
          "No workflow has the id or name '%s'. Find it with 'wfe list --name-prefix'"
              .formatted(idOrName),
          e);
    }
  }

  private static Optional<WorkflowSummary> summary(
      PostgresPersistenceProvider provider, WorkflowInstance instance) {
    return provider
        .findWorkflows(
            WorkflowFilter.builder().name(instance.name()).build(),
            WorkflowSort.NEWEST_FIRST,
            PageRequest.first(1))
        .rows()
        .stream()
        .findFirst();
  }

  private static ObjectNode json(Found found) {
    ObjectNode json = JsonText.of(found.instance());
    WorkflowSummary summary = found.summary();
    json.set(
        "lease", summary == null || summary.lease() == null ? null : JsonText.of(summary.lease()));
    ArrayNode errors = json.putArray("errors");
    found.errors().forEach(stored -> errors.add(JsonText.of(stored.error())));
    ArrayNode subscriptions = json.putArray("subscriptions");
    found.subscriptions().forEach(each -> subscriptions.add(JsonText.of(each)));
    return json;
  }

  private List<String> lines(Found found, Terminal terminal) {
    WorkflowInstance instance = found.instance();
    List<String> lines = new ArrayList<>();
    add(lines, "id", instance.id());
    add(lines, "name", instance.name());
    add(lines, "definition", instance.workflowDefinitionId() + ":" + instance.version());
    lines.add("status       " + new TextTable(terminal).status(instance.status().word()));
    add(lines, "due", ListWorkflows.due(instance.nextExecution()));
    add(lines, "created", instance.createTime());
    add(lines, "ended", instance.completeTime());
    WorkflowSummary summary = found.summary();
    if (summary != null) {
      add(lines, "last write", summary.lastHeartbeatAt());
      if (summary.lease() != null) {
        add(
            lines,
            "leased by",
            "%s until %s".formatted(summary.lease().owner(), summary.lease().expiresAt()));
      }
    }
    add(lines, "root", instance.rootWorkflowId());
    add(lines, "reference", instance.reference());
    add(lines, "description", instance.description());
    add(lines, "data", PointerTree.folded(instance.data(), full));
    lines.add("");
    lines.add("Steps (%s):".formatted(instance.executionPointers().size()));
    Map<String, String> errors = new HashMap<>();
    found
        .errors()
        .forEach(
            stored ->
                errors.putIfAbsent(stored.error().executionPointerId(), stored.error().message()));
    lines.addAll(new PointerTree(instance.executionPointers(), errors, terminal, full).lines());
    addSubscriptions(lines, found.subscriptions());
    if (!found.errors().isEmpty()) {
      lines.add("");
      lines.add(
          "Errors: %s%s. All of them: wfe errors %s"
              .formatted(
                  found.errors().size(),
                  found.errors().size() == ROWS ? " or more" : "",
                  PrintableText.of(instance.id())));
    }
    return lines;
  }

  private static void addSubscriptions(List<String> lines, List<SubscriptionSummary> all) {
    if (all.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add("Waits for:");
    for (SubscriptionSummary one : all) {
      lines.add(
          PrintableText.of(
              "  %s:%s since %s%s  (subscription %s)"
                  .formatted(
                      one.eventName(),
                      one.eventKey(),
                      one.subscribeAsOf(),
                      one.held()
                          ? ", held by %s until %s".formatted(one.workerId(), until(one))
                          : "",
                      one.id())));
    }
  }

  private static String until(SubscriptionSummary subscription) {
    return subscription.tokenExpiry() == null
        ? "it is released"
        : subscription.tokenExpiry().toString();
  }

  private static void add(List<String> lines, String title, @Nullable Object value) {
    if (value != null) {
      lines.add("%-12s %s".formatted(title, PrintableText.of(value.toString())));
    }
  }
}
