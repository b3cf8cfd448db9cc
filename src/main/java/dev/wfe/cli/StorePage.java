package dev.wfe.cli;

import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ErrorCount;
import dev.wfe.persistence.RowCount;
import dev.wfe.persistence.SubscriptionSummary;
import dev.wfe.persistence.WorkflowSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/** The page of a store. */
final class StorePage {
  private static final int CHART = 96;
  private static final int CHARS = 200;

  private final String schema;
  private final StoreFigures figures;
  private final List<Stats.Line> stats;

  StorePage(String schema, StoreFigures figures, List<Stats.Line> stats) {
    this.schema = schema;
    this.figures = figures;
    this.stats = stats;
  }

  String title() {
    return "Store " + schema;
  }

  Html header() {
    return Html.of(
        "header",
        Html.of(
                "p",
                "From %s to %s UTC"
                    .formatted(HtmlPage.time(figures.since()), HtmlPage.time(figures.now())))
            .as("kicker"),
        Html.of("h1", "Workflow store " + schema));
  }

  List<HtmlPage.Section> sections() {
    return List.of(
        new HtmlPage.Section("backlog", "Backlog", backlog()),
        new HtmlPage.Section(
            "rates", figures.isHourly() ? "Rates per hour" : "Rates per day", rates()),
        new HtmlPage.Section("due", "Oldest due", due()),
        new HtmlPage.Section("failures", "Failures", failures()),
        new HtmlPage.Section("durations", "Durations", durations()),
        new HtmlPage.Section("counts", "Workflows", counts()),
        new HtmlPage.Section("waits", "Longest waits", waits()),
        new HtmlPage.Section("tokens", "Held tokens", tokens()));
  }

  private List<Html> backlog() {
    Html list = Html.of("dl").as("fields figures");
    for (StoreFigures.Figure figure : figures.backlog()) {
      list.add(
          Html.of("div", Html.of("dt", figure.title()), Html.of("dd", number(figure.count()))));
    }
    return List.of(
        list,
        note(
            "Counts are exact up to %s. A count that begins with ~ is an estimate."
                .formatted(figures.exactUpTo())));
  }

  private List<Html> rates() {
    List<StoreFigures.Span> spans = figures.spans();
    List<Html> parts = new ArrayList<>();
    parts.add(chart("Started", "started", spans, StoreFigures.Span::started));
    parts.add(chart("Ended", "ended", spans, StoreFigures.Span::ended));
    parts.add(chart("Failed attempts", "failed", spans, StoreFigures.Span::errors));
    List<List<Html>> rows =
        spans.stream()
            .map(
                span ->
                    List.of(
                        Html.text(label(span.from())),
                        Html.text(number(span.started())),
                        Html.text(number(span.ended())),
                        Html.text(number(span.errors()))))
            .toList();
    parts.add(
        Html.of(
            "details",
            Html.of("summary", "The same numbers as a table"),
            HtmlPage.table(
                "Workflows and errors from the stored times; the last line has not ended yet",
                List.of("From", "Started", "Ended", "Failed attempts"),
                rows)));
    parts.add(
        note(
            "A workflow that was deleted is not counted. Each failed attempt of a step is one error."));
    return parts;
  }

  /** Columns over time, on a scale of their own. */
  private static Html chart(
      String title,
      String kind,
      List<StoreFigures.Span> spans,
      Function<StoreFigures.Span, RowCount> count) {
    long greatest =
        Math.max(1, spans.stream().mapToLong(span -> count.apply(span).rows()).max().orElse(1));
    RowCount sum =
        new RowCount(
            spans.stream().mapToLong(span -> count.apply(span).rows()).sum(),
            spans.stream().anyMatch(span -> count.apply(span).estimated()));
    Html svg =
        Html.of(
                "svg",
                Html.of(
                    "title", "%s: at most %s, in all %s".formatted(title, greatest, number(sum))))
            .with("role", "img")
            .with("width", "100%")
            .with("height", Integer.toString(CHART + 18));
    svg.add(line(0), line(CHART));
    double width = 100.0 / Math.max(1, spans.size());
    for (int i = 0; i < spans.size(); i++) {
      StoreFigures.Span span = spans.get(i);
      long rows = count.apply(span).rows();
      long height = rows == 0 ? 0 : Math.max(2, Math.round((double) rows / greatest * (CHART - 4)));
      svg.add(
          Html.of(
                  "rect",
                  Html.of(
                      "title", "%s: %s".formatted(label(span.from()), number(count.apply(span)))))
              .as("column " + kind)
              .with("x", InstanceTimeline.percent(i * width + width * 0.12))
              .with("width", InstanceTimeline.percent(width * 0.76))
              .with("y", Long.toString(CHART - height))
              .with("height", Long.toString(height)));
    }
    if (!spans.isEmpty()) {
      svg.add(axis(0, "start", label(spans.get(0).from())));
      svg.add(axis(100, "end", label(spans.get(spans.size() - 1).from())));
    }
    return Html.of(
        "figure",
        Html.of(
            "figcaption",
            Html.text(title),
            Html.of(
                "span",
                "%s in all, at most %s"
                    .formatted(
                        number(sum), grouped(greatest == 1 && sum.rows() == 0 ? 0 : greatest)))),
        svg);
  }

  private static Html line(int y) {
    return Html.of("line")
        .as("grid")
        .with("x1", "0")
        .with("x2", "100%")
        .with("y1", Integer.toString(y))
        .with("y2", Integer.toString(y));
  }

  private static Html axis(int x, String anchor, String text) {
    return Html.of("text", text)
        .as("axis")
        .with("x", x + "%")
        .with("y", Integer.toString(CHART + 14))
        .with("text-anchor", anchor);
  }

  private List<Html> due() {
    List<List<Html>> rows = new ArrayList<>();
    for (WorkflowSummary one : figures.oldestDue()) {
      long due = Objects.requireNonNull(one.nextExecution());
      rows.add(
          List.of(
              value(one.id()),
              value(one.workflowDefinitionId() + ":" + one.version()),
              Html.text(
                  due <= 0
                      ? "since it was written"
                      : HtmlPage.duration(
                          Duration.between(Instant.ofEpochMilli(due), figures.now()))),
              HtmlPage.when(one.createTime())));
    }
    return listed(
        "The %s workflows that have been due for longest and that nobody has leased"
            .formatted(StoreFigures.ROWS),
        List.of("Workflow", "Definition", "Due for", "Created"),
        rows);
  }

  private List<Html> failures() {
    List<List<Html>> rows = new ArrayList<>();
    for (ErrorCount one : figures.failures()) {
      rows.add(
          List.of(
              value(one.message()),
              value(Objects.requireNonNullElse(one.definitionId(), "(deleted)")),
              Html.text(grouped(one.count())),
              HtmlPage.when(one.latest())));
    }
    return listed(
        "The %s most frequent errors by definition and message".formatted(StoreFigures.ROWS),
        List.of("Message", "Definition", "Count", "Latest"),
        rows);
  }

  private List<Html> durations() {
    List<StoreFigures.Durations> durations = figures.durations();
    double longest =
        durations.stream().mapToDouble(one -> one.greatest().toMillis()).max().orElse(1);
    List<List<Html>> rows = new ArrayList<>();
    for (StoreFigures.Durations one : durations) {
      rows.add(
          List.of(
              value(one.definition()),
              Html.text(grouped(one.count())),
              Html.text(HtmlPage.duration(one.p50())),
              Html.text(HtmlPage.duration(one.p90())),
              Html.text(HtmlPage.duration(one.p99())),
              Html.text(HtmlPage.duration(one.greatest())),
              range(one, longest)));
    }
    List<Html> parts =
        new ArrayList<>(
            listed(
                "From the creation to the end of completed workflows; the bar leads from p50 to p99, on a logarithmic scale",
                List.of("Definition", "Count", "p50", "p90", "p99", "Greatest", "p50 to p99"),
                rows));
    parts.add(
        note(
            "Of the %s workflows that were completed last in this time, at most."
                .formatted(StoreFigures.SAMPLE)));
    return parts;
  }

  private static Html range(StoreFigures.Durations one, double longest) {
    double from = logarithmic(one.p50(), longest);
    double to = Math.max(from + 3, logarithmic(one.p99(), longest));
    return Html.of(
            "svg",
            Html.of("line")
                .as("range")
                .with("x1", InstanceTimeline.percent(from))
                .with("x2", InstanceTimeline.percent(to))
                .with("y1", "10")
                .with("y2", "10"))
        .with("width", "120")
        .with("height", "20")
        .with("aria-hidden", "true");
  }

  private static double logarithmic(Duration time, double longest) {
    return 95 * Math.log1p((double) time.toMillis()) / Math.log1p(Math.max(1, longest));
  }

  private List<Html> counts() {
    List<String> columns = new ArrayList<>(List.of("Definition"));
    for (WorkflowStatus status : WorkflowStatus.values()) {
      columns.add(status.word());
    }
    List<List<Html>> rows = new ArrayList<>();
    for (Stats.Line line : stats) {
      List<Html> cells = new ArrayList<>();
      cells.add(value(line.definition()));
      for (WorkflowStatus status : WorkflowStatus.values()) {
        cells.add(Html.text(number(line.count(status))));
      }
      rows.add(cells);
    }
    List<Html> parts = new ArrayList<>(listed("Workflows by definition and status", columns, rows));
    parts.add(note("The first 100 definitions that hosts of this library have registered."));
    return parts;
  }

  private List<Html> waits() {
    List<List<Html>> rows = new ArrayList<>();
    for (SubscriptionSummary one : figures.longestWaits()) {
      rows.add(
          List.of(
              value(one.workflowId()),
              value(one.eventName()),
              value(one.eventKey()),
              Html.text(HtmlPage.duration(Duration.between(one.subscribeAsOf(), figures.now()))),
              HtmlPage.when(one.subscribeAsOf())));
    }
    List<Html> parts =
        new ArrayList<>(
            listed(
                "The %s longest waits that nobody holds".formatted(StoreFigures.ROWS),
                List.of("Workflow", "Event", "Key", "For", "Since"),
                rows));
    parts.add(
        note(
            "Of the first %s open subscriptions by id, which are usually the oldest."
                .formatted(StoreFigures.SAMPLE)));
    return parts;
  }

  private List<Html> tokens() {
    List<List<Html>> rows = new ArrayList<>();
    for (SubscriptionSummary one : figures.heldTokens()) {
      rows.add(
          List.of(
              value(one.workflowId()),
              value(Objects.requireNonNullElse(one.workerId(), "—")),
              value(one.eventName() + ":" + one.eventKey()),
              HtmlPage.when(one.tokenExpiry())));
    }
    return listed(
        "The first %s tokens by the id of the subscription".formatted(StoreFigures.ROWS),
        List.of("Workflow", "Worker", "Topic", "Until"),
        rows);
  }

  private static List<Html> listed(String caption, List<String> columns, List<List<Html>> rows) {
    return List.of(rows.isEmpty() ? Html.of("p", "None.") : HtmlPage.table(caption, columns, rows));
  }

  private static String label(Instant from) {
    String time = HtmlPage.time(from);
    return time.substring(0, time.endsWith("00:00:00") ? 10 : 16);
  }

  private static Html note(String text) {
    return Html.of("p", text).as("note");
  }

  private static Html value(String text) {
    return Html.of("span", PrintableText.cut(PrintableText.of(text), CHARS)).with("dir", "auto");
  }

  private static String number(RowCount count) {
    return (count.estimated() ? "~" : "") + grouped(count.rows());
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
