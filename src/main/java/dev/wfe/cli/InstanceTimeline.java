package dev.wfe.cli;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.persistence.EventSummary;
import dev.wfe.persistence.StoredError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a workflow as bars over time. Steps that ran one after the other share a lane;
 * branches that ran at the same time have lanes of their own, below the block that contains them.
 * The number of bars is bounded: neighbouring bars that are too small to see become one bar.
 */
final class InstanceTimeline {
  private static final int MAX_LANES = 24;
  private static final int MAX_DEPTH = 8;
  private static final int LANE = 36;
  private static final int AXIS = 44;
  private static final int TICKS = 4;

  /** Bars that begin closer to the previous one, in percent, are drawn as one with it. */
  private static final double MERGED = 0.5;

  /** The room that a label needs, in percent. */
  private static final double LABEL = 6;

  private final List<ExecutionPointer> pointers;
  private final List<StoredError> errors;
  private final List<EventSummary> events;
  private final Instant end;
  private final TimeScale scale;

  /** A row of bars, and the rows of the blocks in it. */
  private record Lane(int depth, List<ExecutionPointer> bars, List<Lane> inner) {}

  /** Bars that are drawn as one. */
  private record Bar(double from, double to, List<ExecutionPointer> steps) {}

  private record Group(List<ExecutionPointer> members, List<Lane> lanes, int depth) {}

  /**
   * Creates the timeline.
   *
   * @param now until when steps that have not ended are drawn
   */
  InstanceTimeline(
      List<ExecutionPointer> pointers,
      List<StoredError> errors,
      List<EventSummary> events,
      Instant created,
      Instant now) {
    this.pointers = pointers.stream().filter(pointer -> pointer.startTime() != null).toList();
    this.errors = errors;
    this.events = events;
    List<Instant> moments = new ArrayList<>();
    moments.add(created);
    this.pointers.forEach(pointer -> moments.add(start(pointer)));
    this.pointers.forEach(
        pointer -> moments.add(Objects.requireNonNullElse(pointer.endTime(), start(pointer))));
    errors.forEach(stored -> moments.add(stored.error().errorTime()));
    Instant last = moments.stream().max(Comparator.naturalOrder()).orElse(created);
    boolean isOpen = this.pointers.stream().anyMatch(pointer -> pointer.endTime() == null);
    this.end = isOpen && now.isAfter(last) ? now : last;
    moments.add(end);
    this.scale = new TimeScale(moments);
  }

  private static Instant start(ExecutionPointer pointer) {
    return Objects.requireNonNull(pointer.startTime());
  }

  private Instant end(ExecutionPointer pointer) {
    Instant ended = Objects.requireNonNullElse(pointer.endTime(), end);
    return ended.isBefore(start(pointer)) ? start(pointer) : ended;
  }

  /** The picture, and what it leaves out. */
  List<Html> html() {
    List<Html> parts = new ArrayList<>();
    if (pointers.isEmpty()) {
      return List.of(Html.of("p", "No step has started."));
    }
    List<Lane> lanes = flat(lanes());
    List<Lane> drawn = lanes.subList(0, Math.min(MAX_LANES, lanes.size()));
    parts.add(legend());
    parts.add(Html.of("figure", svg(drawn)).as("timeline"));
    if (!scale.gaps().isEmpty()) {
      parts.add(
          Html.of("p", "A grey band is a span without changes, drawn shorter than it was.")
              .as("note"));
    }
    if (lanes.size() > drawn.size()) {
      int steps =
          lanes.subList(drawn.size(), lanes.size()).stream()
              .mapToInt(lane -> lane.bars().size())
              .sum();
      parts.add(
          Html.of(
                  "p",
                  "Not drawn: %s more lanes with %s steps. The list of steps has all."
                      .formatted(lanes.size() - drawn.size(), steps))
              .as("note"));
    }
    return parts;
  }

  private List<Lane> lanes() {
    Map<String, List<ExecutionPointer>> inside = PointerTree.byBlock(pointers);
    List<Lane> roots = new ArrayList<>();
    Set<String> placed = new HashSet<>();
    Deque<Group> open = new ArrayDeque<>();
    open.add(new Group(inside.getOrDefault("", List.of()), roots, 0));
    while (!open.isEmpty()) {
      Group group = open.remove();
      for (ExecutionPointer pointer : sorted(group.members())) {
        if (!placed.add(pointer.id())) {
          continue;
        }
        Lane lane = place(pointer, group.lanes(), group.depth());
        List<ExecutionPointer> children = inside.getOrDefault(pointer.id(), List.of());
        if (!children.isEmpty()) {
          boolean nest = group.depth() < MAX_DEPTH;
          open.add(
              new Group(
                  children, nest ? lane.inner() : group.lanes(), group.depth() + (nest ? 1 : 0)));
        }
      }
    }
    // pointers whose scopes form a circle
    sorted(pointers).stream()
        .filter(pointer -> placed.add(pointer.id()))
        .forEach(pointer -> place(pointer, roots, 0));
    return roots;
  }

  private static List<ExecutionPointer> sorted(List<ExecutionPointer> members) {
    return members.stream().sorted(Comparator.comparing(InstanceTimeline::start)).toList();
  }

  private Lane place(ExecutionPointer pointer, List<Lane> lanes, int depth) {
    Lane free = null;
    for (Lane lane : lanes) {
      ExecutionPointer last = lane.bars().get(lane.bars().size() - 1);
      if (!end(last).isAfter(start(pointer))) {
        boolean follows = last.id().equals(pointer.predecessorId());
        free = free == null || follows ? lane : free;
        if (follows) {
          break;
        }
      }
    }
    if (free == null) {
      free = new Lane(depth, new ArrayList<>(), new ArrayList<>());
      lanes.add(free);
    }
    free.bars().add(pointer);
    return free;
  }

  private static List<Lane> flat(List<Lane> roots) {
    List<Lane> all = new ArrayList<>();
    for (Lane lane : roots) {
      all.add(lane);
      all.addAll(flat(lane.inner()));
    }
    return all;
  }

  private static Html gapLabel(TimeScale.Gap gap) {
    boolean atEnd = gap.to() > 95;
    return label(
            atEnd ? 100 : (gap.from() + gap.to()) / 2,
            AXIS - 18,
            atEnd ? "end" : "middle",
            HtmlPage.duration(gap.length()))
        .as("axis");
  }

  private Html svg(List<Lane> lanes) {
    int height = AXIS + lanes.size() * LANE + 4;
    Html svg =
        Html.of("svg", Html.of("title", "Timeline of the steps"), patterns())
            .with("role", "img")
            .with("width", "100%")
            .with("height", Integer.toString(height));
    for (TimeScale.Gap gap : scale.gaps()) {
      svg.add(rect(gap.from(), gap.to() - gap.from(), AXIS - 14, height).as("gap"), gapLabel(gap));
    }
    ticks(svg, height);
    Map<String, Integer> rows = new HashMap<>();
    for (int i = 0; i < lanes.size(); i++) {
      int row = i;
      lanes.get(i).bars().forEach(pointer -> rows.put(pointer.id(), row));
      draw(svg, lanes.get(i), AXIS + i * LANE);
    }
    Set<String> marked = new HashSet<>();
    for (StoredError stored : errors) {
      mark(
          svg,
          marked,
          rows.get(stored.error().executionPointerId()),
          stored.error().errorTime(),
          "error",
          "✕",
          "Error: " + PrintableText.cut(stored.error().message(), 200));
    }
    for (EventSummary event : events) {
      for (ExecutionPointer pointer : pointers) {
        if (event.eventName().equals(pointer.eventName())
            && event.eventKey().equals(pointer.eventKey())) {
          mark(
              svg,
              marked,
              rows.get(pointer.id()),
              event.eventTime(),
              "event",
              "◆",
              "Event %s:%s".formatted(event.eventName(), event.eventKey()));
        }
      }
    }
    return svg;
  }

  private void mark(
      Html svg,
      Set<String> marked,
      @Nullable Integer row,
      Instant time,
      String kind,
      String sign,
      String title) {
    if (row == null || time.isBefore(scale.start()) || time.isAfter(scale.end())) {
      return;
    }
    double x = scale.at(time);
    if (marked.add("%s %s %s".formatted(kind, row, Math.round(x * 2)))) {
      Html mark = label(Math.min(99, Math.max(1, x)), AXIS + row * LANE + 29, "middle", sign);
      svg.add(
          mark.as("mark " + kind)
              .add(Html.of("title", "%s, %s".formatted(title, HtmlPage.time(time)))));
    }
  }

  private void ticks(Html svg, int height) {
    Set<String> shown = new HashSet<>();
    for (int i = 0; i <= TICKS; i++) {
      double x = 100.0 * i / TICKS;
      boolean inGap = scale.gaps().stream().anyMatch(gap -> x > gap.from() - 9 && x < gap.to() + 9);
      Instant time = scale.time(x);
      String text = tick(time);
      svg.add(line(x, AXIS - 14, height).as("grid"));
      if ((i == 0 || i == TICKS || (!inGap && i == TICKS / 2)) && shown.add(text)) {
        svg.add(label(x, 10, i == 0 ? "start" : i == TICKS ? "end" : "middle", text));
      }
    }
  }

  private String tick(Instant time) {
    String text = HtmlPage.time(time);
    Duration span = Duration.between(scale.start(), scale.end());
    boolean days = span.compareTo(Duration.ofDays(2)) > 0;
    return text.length() < 19 || time.equals(scale.start())
        ? text.substring(0, Math.min(16, text.length()))
        : days ? text.substring(5, 16) : text.substring(11, 19);
  }

  private void draw(Html svg, Lane lane, int y) {
    List<Bar> bars = bars(lane);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double next = i + 1 < bars.size() ? bars.get(i + 1).from() : 100;
      ExecutionPointer shown = worst(bar.steps());
      Html group = Html.of("g").as("bar " + kind(shown));
      group.add(Html.of("title", title(bar)));
      Html rect = rect(bar.from(), Math.max(MERGED, bar.to() - bar.from()), y + 18, 12);
      String pattern = pattern(shown);
      group.add(rect);
      if (pattern != null) {
        group.add(
            rect(bar.from(), Math.max(MERGED, bar.to() - bar.from()), y + 18, 12)
                .with("fill", "url(#%s)".formatted(pattern))
                .as("pattern"));
      }
      String text =
          bar.steps().size() == 1
              ? PointerTree.name(shown)
              : "%s steps".formatted(bar.steps().size());
      double before = i == 0 ? 0 : bars.get(i - 1).to();
      if (next - bar.from() < 30 && i == bars.size() - 1 && bar.to() - before > 50) {
        group.add(clipped(before, bar.to() - before, y, "end", text));
      } else if (next - bar.from() >= LABEL) {
        group.add(clipped(bar.from(), next - bar.from(), y, "start", text));
      }
      svg.add(group);
    }
  }

  private static Html clipped(double x, double width, int y, String anchor, String text) {
    return Html.of(
            "svg", label(anchor.equals("end") ? 100 : 0, 12, anchor, PrintableText.cut(text, 60)))
        .with("x", percent(x))
        .with("width", percent(Math.min(width, 100 - x)))
        .with("y", Integer.toString(y))
        .with("height", "16");
  }

  private List<Bar> bars(Lane lane) {
    List<Bar> bars = new ArrayList<>();
    for (ExecutionPointer pointer : lane.bars()) {
      double from = Math.min(scale.at(start(pointer)), 100 - MERGED);
      double to = scale.at(end(pointer));
      Bar last = bars.isEmpty() ? null : bars.get(bars.size() - 1);
      if (last != null && from - last.from() < MERGED) {
        List<ExecutionPointer> both = new ArrayList<>(last.steps());
        both.add(pointer);
        bars.set(bars.size() - 1, new Bar(last.from(), Math.max(last.to(), to), both));
      } else {
        bars.add(new Bar(from, to, List.of(pointer)));
      }
    }
    return bars;
  }

  private static ExecutionPointer worst(List<ExecutionPointer> steps) {
    return steps.stream()
        .min(
            Comparator.comparingInt(
                step ->
                    List.of("bad", "held", "busy", "wait", "good", "off")
                        .indexOf(Marks.kind(step.status().word()))))
        .orElseThrow();
  }

  /** Finished waits are drawn like open ones, with a different outline. */
  private static String kind(ExecutionPointer pointer) {
    String kind = Marks.kind(pointer.status().word());
    return kind.equals("good") && PointerTree.waitOf(pointer) != null ? "waited" : kind;
  }

  private static @Nullable String pattern(ExecutionPointer pointer) {
    return switch (kind(pointer)) {
      case "bad" -> "hatch";
      case "held" -> "back-hatch";
      case "wait", "waited" -> "dots";
      default -> null;
    };
  }

  private String title(Bar bar) {
    ExecutionPointer first = bar.steps().get(0);
    if (bar.steps().size() > 1) {
      return "%s steps from %s, of them failed: %s"
          .formatted(
              bar.steps().size(),
              HtmlPage.time(start(first)),
              bar.steps().stream()
                  .filter(step -> Marks.kind(step.status().word()).equals("bad"))
                  .count());
    }
    String wait = PointerTree.waitOf(first);
    return "%s: %s, %s, %s%s%s"
        .formatted(
            PrintableText.cut(PointerTree.name(first), 200),
            first.status().word(),
            HtmlPage.time(start(first)),
            HtmlPage.duration(Duration.between(start(first), end(first))),
            first.retryCount() > 0 ? ", failed attempts: " + first.retryCount() : "",
            wait == null ? "" : ", " + PrintableText.cut(wait, 200));
  }

  private static Html legend() {
    Html list = Html.of("ul").as("legend").with("aria-label", "Legend");
    String[][] entries = {
      {"good", "", "done"},
      {"busy", "", "running"},
      {"wait", "dots", "waits or sleeps"},
      {"waited", "dots", "waited"},
      {"bad", "hatch", "failed"},
      {"held", "back-hatch", "compensated"},
      {"off", "", "skipped, cancelled"}
    };
    for (String[] entry : entries) {
      Html swatch = Html.of("g", rect(0, 100, 1, 10)).as("bar " + entry[0]);
      if (!entry[1].isEmpty()) {
        swatch.add(rect(0, 100, 1, 10).with("fill", "url(#%s)".formatted(entry[1])).as("pattern"));
      }
      list.add(
          Html.of(
              "li",
              Html.of("svg", swatch)
                  .with("width", "22")
                  .with("height", "12")
                  .with("aria-hidden", "true"),
              Html.text(entry[2])));
    }
    return list.add(
        Html.of("li", Html.of("span", "✕").as("mark error"), Html.text(" error")),
        Html.of("li", Html.of("span", "◆").as("mark event"), Html.text(" event")));
  }

  private static Html patterns() {
    return Html.of(
        "defs",
        pattern("hatch", "M0,6 L6,0 M-1,1 L1,-1 M5,7 L7,5"),
        pattern("back-hatch", "M0,0 L6,6 M-1,5 L1,7 M5,-1 L7,1"),
        pattern("dots", "M2,2 h1.5 v1.5 h-1.5 z"));
  }

  private static Html pattern(String id, String path) {
    return Html.of("pattern", Html.of("path").with("d", path).as(id))
        .with("id", id)
        .with("width", "6")
        .with("height", "6")
        .with("patternUnits", "userSpaceOnUse");
  }

  private static Html rect(double x, double width, int y, int height) {
    return Html.of("rect")
        .with("x", percent(x))
        .with("width", percent(width))
        .with("y", Integer.toString(y))
        .with("height", Integer.toString(height));
  }

  private static Html line(double x, int y1, int y2) {
    return Html.of("line")
        .with("x1", percent(x))
        .with("x2", percent(x))
        .with("y1", Integer.toString(y1))
        .with("y2", Integer.toString(y2));
  }

  private static Html label(double x, int y, String anchor, String text) {
    return Html.of("text", text)
        .with("x", percent(x))
        .with("y", Integer.toString(y))
        .with("text-anchor", anchor);
  }

  static String percent(double number) {
    return String.format(Locale.ROOT, "%.2f%%", number);
  }
}
