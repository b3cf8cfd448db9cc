package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.PointerStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The execution pointers of a workflow as a tree: blocks contain the steps that run within them.
 */
final class PointerTree {
  private static final int FOLDED = 80;

  private final List<ExecutionPointer> pointers;
  private final Map<String, String> errors;
  private final TextTable colours;
  private final boolean full;

  /**
   * Creates the tree.
   *
   * @param errors the latest error of pointers, by their ids
   * @param full whether JSON is shown whole
   */
  PointerTree(
      List<ExecutionPointer> pointers,
      Map<String, String> errors,
      Terminal terminal,
      boolean full) {
    this.pointers = pointers;
    this.errors = errors;
    this.colours = new TextTable(terminal);
    this.full = full;
  }

  /** A node that is still to be printed. */
  private record Node(ExecutionPointer pointer, String indent, boolean last) {}

  /** The lines of the tree. Works for pointers of any program, also if they name no tree. */
  List<String> lines() {
    Map<String, List<ExecutionPointer>> inside = byBlock(pointers);
    List<String> lines = new ArrayList<>();
    Set<String> shown = new HashSet<>();
    add(lines, shown, inside, inside.getOrDefault("", List.of()));
    // pointers whose scopes form a circle
    add(lines, shown, Map.of(), pointers.stream().filter(p -> !shown.contains(p.id())).toList());
    return lines;
  }

  /** The pointers within each block, by its id; those in no block by an empty text. */
  static Map<String, List<ExecutionPointer>> byBlock(List<ExecutionPointer> pointers) {
    Set<String> ids = new HashSet<>();
    pointers.forEach(pointer -> ids.add(pointer.id()));
    Map<String, List<ExecutionPointer>> inside = new LinkedHashMap<>();
    for (ExecutionPointer pointer : pointers) {
      List<String> scope = pointer.scope();
      String block = scope.isEmpty() ? "" : scope.get(scope.size() - 1);
      inside
          .computeIfAbsent(ids.contains(block) ? block : "", id -> new ArrayList<>())
          .add(pointer);
    }
    return inside;
  }

  private void add(
      List<String> lines,
      Set<String> shown,
      Map<String, List<ExecutionPointer>> inside,
      List<ExecutionPointer> roots) {
    Deque<Node> open = new ArrayDeque<>();
    push(open, roots, "");
    while (!open.isEmpty()) {
      Node node = open.pop();
      ExecutionPointer pointer = node.pointer();
      if (shown.add(pointer.id())) {
        String below = node.indent() + (node.last() ? "   " : "│  ");
        lines.add(node.indent() + (node.last() ? "└─ " : "├─ ") + headline(pointer));
        details(pointer).forEach(detail -> lines.add(below + "     " + detail));
        push(open, inside.getOrDefault(pointer.id(), List.of()), below);
      }
    }
  }

  private static void push(Deque<Node> open, List<ExecutionPointer> children, String indent) {
    for (int i = children.size() - 1; i >= 0; i--) {
      open.push(new Node(children.get(i), indent, i == children.size() - 1));
    }
  }

  private String headline(ExecutionPointer pointer) {
    StringBuilder line = new StringBuilder();
    line.append(PrintableText.of(name(pointer)));
    line.append("  ").append(colours.status(pointer.status().word()));
    if (pointer.startTime() != null) {
      line.append("  ").append(pointer.startTime());
    }
    if (pointer.endTime() != null && pointer.startTime() != null) {
      line.append(" +").append(elapsed(pointer.startTime(), pointer.endTime()));
    }
    if (pointer.retryCount() > 0) {
      line.append("  failed attempts: ").append(pointer.retryCount());
    }
    if (pointer.sleepUntil() != null && !pointer.status().isEnd()) {
      line.append("  until ").append(pointer.sleepUntil());
    }
    if (pointer.status() == PointerStatus.WAITING_FOR_EVENT && pointer.eventName() != null) {
      line.append("  for ").append(topic(pointer.eventName(), pointer.eventKey()));
    }
    return line.append("  (").append(PrintableText.of(pointer.id())).append(')').toString();
  }

  /** The name of the step, or its number. */
  static String name(ExecutionPointer pointer) {
    String name = pointer.stepName();
    return name == null || name.isEmpty() ? "step " + pointer.stepId() : name;
  }

  /** What the step waits or waited for; null if it does not wait. */
  static @Nullable String waitOf(ExecutionPointer pointer) {
    if (pointer.eventName() != null) {
      return pointer.eventName().equals("activity result")
          ? "result of an activity"
          : "event " + topic(pointer.eventName(), pointer.eventKey());
    }
    return pointer.sleepUntil() == null
        ? null
        : "sleep until " + HtmlPage.time(pointer.sleepUntil());
  }

  private static String topic(String name, @Nullable String key) {
    return PrintableText.of(key == null ? name : name + ":" + key);
  }

  private static String elapsed(Instant start, Instant end) {
    Duration elapsed = Duration.between(start, end).truncatedTo(ChronoUnit.MILLIS);
    return elapsed.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private List<String> details(ExecutionPointer pointer) {
    List<String> details = new ArrayList<>();
    String error = errors.get(pointer.id());
    if (error != null) {
      String text = PrintableText.of(error);
      details.add("error: " + (full ? text : PrintableText.cut(text, FOLDED)));
    }
    add(details, "item", pointer.contextItem());
    add(details, "event", pointer.eventData());
    add(details, "outcome", pointer.outcome());
    add(details, "state", pointer.persistenceData());
    if (full) {
      new HashMap<>(pointer.extensionAttributes()).forEach((key, json) -> add(details, key, json));
    }
    return details;
  }

  private void add(List<String> details, String name, @Nullable JsonNode json) {
    if (json != null) {
      details.add(PrintableText.of(name) + ": " + folded(json, full));
    }
  }

  /** The JSON on one line; unless it is shown whole, its beginning. */
  static String folded(JsonNode json, boolean full) {
    String line = JsonText.line(json);
    return full || line.length() <= FOLDED
        ? line
        : "%s (%s characters)".formatted(PrintableText.cut(line, FOLDED), line.length());
  }
}
