package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.StoredError;
import dev.wfe.persistence.SubscriptionSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The page of one workflow. Long lists are folded in groups, and long texts are cut. */
final class InstancePage {
  private static final int GROUP = 50;
  private static final int OPEN_DEPTH = 3;
  private static final int MAX_DEPTH = 10;
  private static final int MAX_ROWS = 200;
  private static final int NAME_CHARS = 200;

  /** How much of one JSON is shown, and of all. */
  private static final int JSON_CHARS = 20_000;

  private static final int ALL_JSON_CHARS = 8_000_000;

  private final Show.Found found;
  private final List<EventSummary> events;
  private final Instant now;
  private final boolean full;
  private final Map<String, String> anchors = new HashMap<>();
  private final Map<String, List<StoredError>> errors;
  private final Map<String, List<ExecutionPointer>> inside;
  private final Set<String> shown = new HashSet<>();
  private long jsonChars;

  /**
   * Creates the page.
   *
   * @param full whether JSON is shown whole
   */
  InstancePage(Show.Found found, List<EventSummary> events, Instant now, boolean full) {
    this.found = found;
    this.events = events;
    this.now = now;
    this.full = full;
    List<ExecutionPointer> pointers = found.instance().executionPointers();
    for (int i = 0; i < pointers.size(); i++) {
      anchors.put(pointers.get(i).id(), "s" + (i + 1));
    }
    errors =
        found.errors().stream()
            .collect(Collectors.groupingBy(stored -> stored.error().executionPointerId()));
    inside = PointerTree.byBlock(pointers);
  }

  private WorkflowInstance instance() {
    return found.instance();
  }

  String title() {
    return PrintableText.cut(instance().id(), NAME_CHARS) + " – workflow";
  }

  Html header() {
    return Html.of(
        "header",
        Html.of(
                "p",
                "Workflow "
                    + cut(instance().workflowDefinitionId())
                    + " version "
                    + instance().version())
            .as("kicker"),
        Html.of(
            "h1",
            Html.of("span", cut(instance().name())).with("dir", "auto"),
            Html.text(" "),
            HtmlPage.status(instance().status().word())));
  }

  List<HtmlPage.Section> sections() {
    List<HtmlPage.Section> sections = new ArrayList<>();
    sections.add(
        new HtmlPage.Section(
            "summary", "Summary", List.of(fields(), json("Data", instance().data()))));
    List<ExecutionPointer> pointers = instance().executionPointers();
    sections.add(
        new HtmlPage.Section(
            "timeline",
            "Timeline",
            new InstanceTimeline(
                    pointers,
                    found.errors(),
                    events,
                    Objects.requireNonNullElse(instance().createTime(), now),
                    now)
                .html()));
    sections.add(
        new HtmlPage.Section("steps", "Steps (%s)".formatted(pointers.size()), steps(pointers)));
    if (!found.subscriptions().isEmpty()) {
      sections.add(new HtmlPage.Section("waits", "Waits for", waits()));
    }
    if (!found.errors().isEmpty()) {
      sections.add(
          new HtmlPage.Section("errors", "Errors (%s)".formatted(found.errors().size()), errors()));
    }
    if (!events.isEmpty()) {
      sections.add(
          new HtmlPage.Section("events", "Events (%s)".formatted(events.size()), events()));
    }
    return sections;
  }

  private Html fields() {
    Map<String, @Nullable String> fields = new LinkedHashMap<>();
    WorkflowInstance instance = instance();
    fields.put("Id", instance.id());
    Instant created = instance.createTime();
    fields.put("Created", HtmlPage.time(created));
    Instant ended = instance.completeTime();
    fields.put("Ended", ended == null ? null : HtmlPage.time(ended));
    if (created != null) {
      fields.put(
          ended == null ? "Age" : "Duration",
          HtmlPage.duration(Duration.between(created, ended == null ? now : ended)));
    }
    Object due = ListWorkflows.due(instance.nextExecution());
    fields.put(
        "Due",
        due == null ? null : due instanceof Instant time ? HtmlPage.time(time) : due.toString());
    if (found.summary() != null) {
      Instant write = found.summary().lastHeartbeatAt();
      fields.put("Last write", write == null ? null : HtmlPage.time(write));
      if (found.summary().lease() != null) {
        fields.put(
            "Leased by",
            "%s until %s"
                .formatted(
                    found.summary().lease().owner(),
                    HtmlPage.time(found.summary().lease().expiresAt())));
      }
    }
    fields.put("Root", instance.rootWorkflowId());
    fields.put("Reference", instance.reference());
    fields.put("Description", instance.description());
    fields.put("Steps", counts(instance.executionPointers()));
    Html list = Html.of("dl").as("fields");
    fields.forEach(
        (name, value) -> {
          if (value != null) {
            list.add(
                Html.of(
                    "div",
                    Html.of("dt", name),
                    Html.of("dd", PrintableText.cut(value, 500)).with("dir", "auto")));
          }
        });
    return list;
  }

  private static String counts(List<ExecutionPointer> pointers) {
    Map<String, Long> counts =
        pointers.stream()
            .collect(
                Collectors.groupingBy(
                    pointer -> pointer.status().word(), LinkedHashMap::new, Collectors.counting()));
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(entry -> "%s %s".formatted(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
  }

  private List<Html> steps(List<ExecutionPointer> pointers) {
    if (pointers.isEmpty()) {
      return List.of(Html.of("p", "There are none."));
    }
    Html tree = list(inside.getOrDefault("", List.of()), 0);
    // pointers whose scopes form a circle
    List<ExecutionPointer> rest =
        pointers.stream().filter(pointer -> !shown.contains(pointer.id())).toList();
    return rest.isEmpty() ? List.of(tree) : List.of(tree, list(rest, MAX_DEPTH));
  }

  /** Steps as a list. Of a long list, the groups are folded. */
  private Html list(List<ExecutionPointer> steps, int depth) {
    List<ExecutionPointer> fresh = steps.stream().filter(step -> shown.add(step.id())).toList();
    if (fresh.size() <= GROUP) {
      return items(fresh, depth);
    }
    Html groups = Html.of("div");
    for (int i = 0; i < fresh.size(); i += GROUP) {
      List<ExecutionPointer> part = fresh.subList(i, Math.min(i + GROUP, fresh.size()));
      groups.add(
          Html.of(
                  "details",
                  Html.of(
                      "summary",
                      "%s to %s of %s: %s"
                          .formatted(i + 1, i + part.size(), fresh.size(), counts(part))),
                  items(part, depth))
              .as("group"));
    }
    return groups;
  }

  private Html items(List<ExecutionPointer> steps, int depth) {
    Html list = Html.of("ul").as("tree");
    for (ExecutionPointer step : steps) {
      Html item =
          Html.of("li", headline(step)).with("id", Objects.requireNonNull(anchors.get(step.id())));
      item.addAll(details(step));
      List<ExecutionPointer> children = inside.getOrDefault(step.id(), List.of());
      if (!children.isEmpty()) {
        if (depth < MAX_DEPTH) {
          Html block =
              Html.of(
                  "details",
                  Html.of("summary", "%s within: %s".formatted(children.size(), counts(children))),
                  list(children, depth + 1));
          item.add(depth < OPEN_DEPTH ? block.with("open", "") : block);
        } else {
          item.add(
              Html.of(
                      "p",
                      "Contains %s more steps; see wfe show --output json."
                          .formatted(children.size()))
                  .as("note"));
        }
      }
      list.add(item);
    }
    return list;
  }

  private Html headline(ExecutionPointer step) {
    Html line =
        Html.of(
                "div",
                HtmlPage.status(step.status().word()),
                Html.of("strong", cut(PointerTree.name(step))).with("dir", "auto"))
            .as("step");
    Instant started = step.startTime();
    Instant ended = step.endTime();
    if (started != null) {
      line.add(HtmlPage.when(started));
      line.add(
          Html.of(
                  "span",
                  (ended == null ? "for " : "")
                      + HtmlPage.duration(Duration.between(started, ended == null ? now : ended)))
              .as("number"));
    }
    if (step.retryCount() > 0) {
      line.add(Html.of("span", "failed attempts: " + step.retryCount()).as("number"));
    }
    String wait = PointerTree.waitOf(step);
    if (wait != null) {
      line.add(Html.of("span", cut(wait)).with("dir", "auto"));
    }
    return line;
  }

  private List<Html> details(ExecutionPointer step) {
    List<Html> details = new ArrayList<>();
    List<StoredError> ofStep = errors.getOrDefault(step.id(), List.of());
    if (!ofStep.isEmpty()) {
      details.add(
          Html.of("p", "✕ " + PrintableText.cut(ofStep.get(0).error().message(), 500))
              .as("message")
              .with("dir", "auto"));
    }
    Map<String, @Nullable JsonNode> data = new LinkedHashMap<>();
    data.put("Item", step.contextItem());
    data.put("Event", step.eventData());
    data.put("Outcome", step.outcome());
    data.put("State", step.persistenceData());
    step.extensionAttributes().forEach((key, value) -> data.put("Attribute " + cut(key), value));
    data.forEach(
        (name, value) -> {
          if (value != null) {
            details.add(json(name, value));
          }
        });
    return details;
  }

  private Html json(String name, JsonNode json) {
    String text = JsonText.pretty(json);
    int limit = full ? Integer.MAX_VALUE : jsonChars > ALL_JSON_CHARS ? 200 : JSON_CHARS;
    String cut = text.length() <= limit ? text : text.substring(0, limit);
    jsonChars += cut.length();
    Html details =
        Html.of(
                "details",
                Html.of("summary", "%s (%s characters)".formatted(name, text.length())),
                Html.of("pre", Html.lines(cut)).with("tabindex", "0").with("aria-label", name))
            .as("json");
    return cut.length() == text.length()
        ? details
        : details.add(
            Html.of(
                    "p",
                    "Cut after %s characters. All of it: wfe show --full --html, or wfe show --output json."
                        .formatted(limit))
                .as("note"));
  }

  private List<Html> waits() {
    List<List<Html>> rows = new ArrayList<>();
    for (SubscriptionSummary one : found.subscriptions().stream().limit(MAX_ROWS).toList()) {
      rows.add(
          List.of(
              value(one.eventName()),
              value(one.eventKey()),
              HtmlPage.when(one.subscribeAsOf()),
              value(
                  !one.held()
                      ? "nobody"
                      : one.workerId()
                          + (one.tokenExpiry() == null
                              ? ""
                              : " until " + HtmlPage.time(one.tokenExpiry()))),
              step(one.executionPointerId())));
    }
    return bounded(
        HtmlPage.table(
            "What it waits for", List.of("Event", "Key", "Since", "Held by", "Step"), rows),
        found.subscriptions().size());
  }

  private List<Html> errors() {
    List<List<Html>> rows = new ArrayList<>();
    for (StoredError stored : found.errors().stream().limit(MAX_ROWS).toList()) {
      rows.add(
          List.of(
              HtmlPage.when(stored.error().errorTime()),
              step(stored.error().executionPointerId()),
              Html.of("span", PrintableText.cut(stored.error().message(), 2_000))
                  .as("message")
                  .with("dir", "auto")));
    }
    return bounded(
        HtmlPage.table("Errors, the newest first", List.of("Time", "Step", "Message"), rows),
        found.errors().size());
  }

  private List<Html> events() {
    List<List<Html>> rows = new ArrayList<>();
    for (EventSummary event : events.stream().limit(MAX_ROWS).toList()) {
      rows.add(
          List.of(
              HtmlPage.when(event.eventTime()),
              value(event.eventName()),
              value(event.eventKey()),
              Html.text(event.processed() ? "processed" : "not processed")));
    }
    return bounded(
        HtmlPage.table(
            "Events of the topics for which it waits or waited",
            List.of("Time", "Event", "Key", "State"),
            rows),
        events.size());
  }

  private static List<Html> bounded(Html table, int rows) {
    return rows <= MAX_ROWS
        ? List.of(table)
        : List.of(
            table,
            Html.of("p", "The first %s of %s or more.".formatted(MAX_ROWS, rows)).as("note"));
  }

  private Html step(String pointerId) {
    String anchor = anchors.get(pointerId);
    return anchor == null
        ? value(pointerId)
        : Html.of(
                "a",
                cut(
                    PointerTree.name(
                        instance()
                            .executionPointers()
                            .get(Integer.parseInt(anchor.substring(1)) - 1))))
            .with("href", "#" + anchor);
  }

  private static Html value(String text) {
    return Html.of("span", cut(text)).with("dir", "auto");
  }

  private static String cut(String text) {
    return PrintableText.cut(PrintableText.of(text), NAME_CHARS);
  }
}
