package dev.wfe.cli;

import dev.wfe.persistence.StoredError;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Shows readings on a terminal: on its second screen, so that the first one is as it was when this
 * is closed. Thread-safe.
 */
final class WatchScreen implements AutoCloseable {
  private static final String OPEN = "\u001b[?1049h\u001b[?25l";
  private static final String CLOSE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String END_OF_LINE = "\u001b[K\r\n";
  private static final String CLEAR_REST = "\u001b[J";

  private final PrintWriter out;
  private final Terminal terminal;
  private final int height;
  private boolean open = true;

  WatchScreen(PrintWriter out, Terminal terminal, int height) {
    this.out = out;
    this.terminal = terminal;
    this.height = height;
    out.print(OPEN);
    out.flush();
  }

  /**
   * Draws the reading.
   *
   * @param reading the latest one, or null
   * @param failure why there is no newer one, or null
   */
  synchronized void show(@Nullable WatchReading reading, @Nullable String failure) {
    if (!open) {
      return;
    }
    StringBuilder frame = new StringBuilder(HOME);
    List<String> lines = lines(reading, failure);
    for (String line : lines.subList(0, Math.min(lines.size(), height - 1))) {
      String cut = PrintableText.cut(PrintableText.of(line), terminal.width());
      boolean title = line.equals(lines.get(0));
      frame
          .append(title && terminal.colours() ? Style.bold.on() + cut + Style.bold.off() : cut)
          .append(END_OF_LINE);
    }
    out.print(frame.append(CLEAR_REST));
    out.flush();
  }

  private static List<String> lines(@Nullable WatchReading reading, @Nullable String failure) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "wfe watch  %s   Ctrl-C ends"
            .formatted(reading == null ? "" : reading.time().truncatedTo(ChronoUnit.SECONDS)));
    if (failure != null) {
      lines.add(failure);
    }
    lines.add("");
    if (reading == null) {
      return lines;
    }
    reading
        .statuses()
        .forEach(
            (status, count) ->
                lines.add("%-12s %10s".formatted(status.word(), WatchReading.text(count))));
    lines.add(
        "%-12s %10s   oldest: %s"
            .formatted(
                "due",
                WatchReading.text(reading.due()),
                reading.oldestDue() == null
                    ? "-"
                    : reading.oldestDue().id() + " since " + reading.oldest()));
    lines.add("%-12s %10s".formatted("leased", WatchReading.text(reading.leased())));
    lines.add("%-12s %10s".formatted("created", reading.rate(reading.created())));
    lines.add("%-12s %10s".formatted("ended", reading.rate(reading.ended())));
    lines.add("");
    lines.add("Latest errors:");
    for (StoredError error : reading.errors()) {
      lines.add(
          "%s  %s  %s"
              .formatted(
                  error.error().errorTime().truncatedTo(ChronoUnit.SECONDS),
                  error.error().workflowId(),
                  error.error().message()));
    }
    return lines;
  }

  /** Shows the first screen again. Idempotent. */
  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      out.print(CLOSE);
      out.flush();
    }
  }
}
