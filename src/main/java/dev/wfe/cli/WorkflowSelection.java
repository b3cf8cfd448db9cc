package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.DataCondition.Comparison;
import dev.wfe.persistence.TimeRange;
import dev.wfe.persistence.WorkflowFilter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that select workflows. All conditions have to be met. */
final class WorkflowSelection {
  private static final Pattern CONDITION =
      Pattern.compile("([^<>=!]+)(<=|>=|!=|=|<|>)(.*)", Pattern.DOTALL);

  private static final Map<String, Comparison> COMPARISONS =
      Map.of(
          "=", Comparison.EQ,
          "!=", Comparison.NE,
          "<", Comparison.LT,
          "<=", Comparison.LE,
          ">", Comparison.GT,
          ">=", Comparison.GE);

  @Option(
      names = "--status",
      split = ",",
      paramLabel = "STATUS",
      description = "one of Runnable, Suspended, Complete, Terminated, or several with commas")
  private List<WorkflowStatus> statuses = List.of();

  @Option(
      names = "--definition",
      paramLabel = "ID[:VERSION]",
      description = "of this definition; with a version, of that one only")
  private @Nullable String definition;

  @Option(names = "--name", paramLabel = "NAME", description = "with this name")
  private @Nullable String name;

  @Option(
      names = "--name-prefix",
      paramLabel = "PREFIX",
      description = "with a name that begins so")
  private @Nullable String namePrefix;

  @Option(names = "--reference", paramLabel = "TEXT", description = "with this reference")
  private @Nullable String reference;

  @Option(names = "--root", paramLabel = "ID", description = "with this top-level ancestor")
  private @Nullable String root;

  @Option(
      names = "--created-after",
      paramLabel = "TIME",
      description = "created at or after: " + PointInTime.FORMS)
  private @Nullable Instant createdAfter;

  @Option(names = "--created-before", paramLabel = "TIME", description = "created before")
  private @Nullable Instant createdBefore;

  @Option(names = "--ended-after", paramLabel = "TIME", description = "ended at or after")
  private @Nullable Instant endedAfter;

  @Option(names = "--ended-before", paramLabel = "TIME", description = "ended before")
  private @Nullable Instant endedBefore;

  @Option(names = "--due-after", paramLabel = "TIME", description = "due at or after")
  private @Nullable Instant dueAfter;

  @Option(names = "--due-before", paramLabel = "TIME", description = "due before")
  private @Nullable Instant dueBefore;

  @Option(names = "--unscheduled", description = "not due at any time: waits for something else")
  private boolean unscheduled;

  @Option(
      names = "--waiting-for",
      paramLabel = "EVENT[:KEY]",
      description = "with a subscription to events of this name, and key")
  private @Nullable String waitingFor;

  @Option(names = "--failed", description = "with a step that has failed for the last time")
  private boolean failed;

  @Option(names = "--with-errors", description = "with a stored error")
  private boolean withErrors;

  @Option(
      names = "--untouched-since",
      paramLabel = "TIME",
      description = "written last before this time")
  private @Nullable Instant untouchedSince;

  @Option(names = "--leased", description = "a host has a lease on it")
  private boolean leased;

  @Option(names = "--leased-by", paramLabel = "HOST", description = "this host has a lease on it")
  private @Nullable String leasedBy;

  @Option(names = "--unleased", description = "no host has a lease on it")
  private boolean unleased;

  @Option(
      names = "--data-contains",
      paramLabel = "JSON",
      description = "its data contains this JSON, as in '{\"country\":\"NO\"}'. Repeatable")
  private List<JsonNode> contained = List.of();

  @Option(
      names = "--where",
      paramLabel = "PATH OP VALUE",
      description =
          "compares a member of its data: order.total>=100, customer.name=Ada. OP is one of = != <"
              + " <= > >=. A number compares with numbers, anything else with texts. Repeatable")
  private List<String> comparisons = List.of();

  /** Whether no condition is set. */
  boolean isEmpty() {
    return filter().equals(WorkflowFilter.ALL);
  }

  WorkflowFilter filter() {
    WorkflowFilter.Builder filter =
        WorkflowFilter.builder()
            .status(statuses.stream().distinct().toArray(WorkflowStatus[]::new))
            .created(new TimeRange(createdAfter, createdBefore))
            .completed(new TimeRange(endedAfter, endedBefore))
            .due(new TimeRange(dueAfter, dueBefore));
    addTexts(filter);
    if (unscheduled) {
      filter.unscheduled();
    }
    if (failed) {
      filter.withFailedPointer();
    }
    if (withErrors) {
      filter.withErrors();
    }
    if (untouchedSince != null) {
      filter.heartbeatBefore(untouchedSince);
    }
    addLease(filter);
    contained.forEach(filter::dataContains);
    comparisons.forEach(text -> addComparison(filter, text));
    return filter.build();
  }

  private void addTexts(WorkflowFilter.Builder filter) {
    if (definition != null) {
      addDefinition(filter, definition);
    }
    if (name != null) {
      filter.name(name);
    }
    if (namePrefix != null) {
      filter.namePrefix(namePrefix);
    }
    if (reference != null) {
      filter.reference(reference);
    }
    if (root != null) {
      filter.rootWorkflowId(root);
    }
    if (waitingFor != null) {
      Topics.Parts topic = Topics.parse(waitingFor);
      if (topic.key() == null) {
        filter.waitingFor(topic.name());
      } else {
        filter.waitingFor(topic.name(), topic.key());
      }
    }
  }

  private static void addDefinition(WorkflowFilter.Builder filter, String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("\\d{1,9}")) {
      filter.definition(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    } else {
      filter.definition(text);
    }
  }

  private void addLease(WorkflowFilter.Builder filter) {
    if ((leased ? 1 : 0) + (unleased ? 1 : 0) + (leasedBy == null ? 0 : 1) > 1) {
      throw new CliException(
          CliException.USAGE, "Use one of --leased, --leased-by and --unleased, not several");
    }
    if (leased) {
      filter.leased();
    } else if (unleased) {
      filter.unleased();
    } else if (leasedBy != null) {
      filter.leasedBy(leasedBy);
    }
  }

  private static void addComparison(WorkflowFilter.Builder filter, String text) {
    Matcher parts = CONDITION.matcher(text);
    if (!parts.matches()) {
      throw new CliException(
          CliException.USAGE,
          "--where %s is not a condition: use PATH OP VALUE, as in order.total>=100"
              .formatted(text));
    }
    Comparison comparison = COMPARISONS.getOrDefault(parts.group(2), Comparison.EQ);
    filter.data(
        List.of(parts.group(1).strip().split("\\.", -1)),
        comparison,
        value(parts.group(3).strip()));
  }

  private static JsonNode value(String text) {
    try {
      JsonNode json = JsonText.parse(text);
      if (json.isNumber() || json.isTextual()) {
        return json;
      }
    } catch (TypeConversionException e) {
      // a text without quotes
    }
    return JsonNodeFactory.instance.textNode(text);
  }
}
