package dev.wfe.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.WorkflowFilter;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of the store again and again. */
@Command(
    name = "watch",
    description = {
      "Shows the workflows that meet all conditions again and again: how many by status, due, leased,"
          + " created and ended, and the latest errors, by definition if --definition is given. Counts"
          + " are exact up to 10000, then estimates that begin with ~. On a terminal it redraws, and"
          + " ends with Ctrl-C; elsewhere each refresh is a line. If the database is lost, it says so"
          + " and goes on.",
      ""
    })
final class Watch extends StoreCommand {
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final int USUAL_HEIGHT = 24;

  @Mixin private final WorkflowSelection selection = new WorkflowSelection();

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = Age.class,
      defaultValue = "2s",
      order = 90,
      description = "between two refreshes, at least 1s; ${DEFAULT-VALUE} by default")
  private Duration interval = LEAST;

  @Option(names = "--times", paramLabel = "N", order = 91, description = "end after N refreshes")
  private int times = Integer.MAX_VALUE;

  @Override
  void checkArguments() {
    selection.filter();
    if (interval.compareTo(LEAST) < 0) {
      throw new CliException(CliException.USAGE, "--interval is shorter than 1s");
    }
    if (times < 1) {
      throw new CliException(CliException.USAGE, "--times is less than 1");
    }
  }

  @Override
  int run(PostgresPersistenceProvider provider) {
    WorkflowFilter filter = selection.filter();
    watch(since -> WatchReading.read(provider, filter, since));
    return 0;
  }

  private boolean redraws() {
    return main().terminal().width() > 0
        && printer().format() == OutputFormat.TABLE
        && !"dumb".equals(main().environment().get("TERM"));
  }

  private void watch(Function<@Nullable Instant, WatchReading> readings) {
    PrintWriter out = spec().commandLine().getOut();
    if (!redraws()) {
      repeat(readings, lines(out));
      return;
    }
    try (WatchScreen screen =
        main().cleanup().add(new WatchScreen(out, main().terminal(), height()))) {
      repeat(readings, screen::show);
    }
  }

  private int height() {
    String lines = main().environment().getOrDefault("LINES", "");
    return lines.matches("[1-9]\\d{0,3}") ? Integer.parseInt(lines) : USUAL_HEIGHT;
  }

  /** Shows a reading, or why there is none. */
  @FunctionalInterface
  interface Display {
    void show(@Nullable WatchReading reading, @Nullable String failure);
  }

  private void repeat(Function<@Nullable Instant, WatchReading> readings, Display display) {
    WatchReading last = null;
    for (int i = 0; i < times; i++) {
      if (i > 0 && !pause()) {
        return;
      }
      last = refresh(readings, last, display);
      if (spec().commandLine().getOut().checkError()) {
        return; // nobody reads any more
      }
    }
  }

  /** Shows the next reading and returns it; the last one if the database cannot be used. */
  static @Nullable WatchReading refresh(
      Function<@Nullable Instant, WatchReading> readings,
      @Nullable WatchReading last,
      Display display) {
    try {
      WatchReading reading = readings.apply(last == null ? null : last.time());
      display.show(reading, null);
      return reading;
    } catch (StoreUnavailableException lost) {
      display.show(last, "The database cannot be used, trying again: " + lost.getMessage());
      return last;
    }
  }

  private boolean pause() {
    try {
      Thread.sleep(interval.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Display lines(PrintWriter out) {
    OutputFormat format = printer().format();
    boolean[] header = {format == OutputFormat.CSV};
    return (reading, failure) -> {
      if (failure != null || reading == null) {
        spec().commandLine().getErr().println(PrintableText.of(String.valueOf(failure)));
        return;
      }
      Map<String, String> values = reading.values();
      if (header[0]) {
        out.println(String.join(",", values.keySet()));
        header[0] = false;
      }
      out.println(line(values, format));
      out.flush();
    };
  }

  private static String line(Map<String, String> values, OutputFormat format) {
    return switch (format) {
      case JSON -> {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        values.forEach(json::put);
        yield json.toString();
      }
      case CSV -> String.join(",", values.values());
      case TABLE ->
          values.entrySet().stream()
              .filter(entry -> !entry.getValue().isEmpty())
              .map(
                  entry ->
                      entry.getKey().equals("time")
                          ? entry.getValue()
                          : entry.getKey() + "=" + entry.getValue())
              .collect(Collectors.joining("  "));
    };
  }
}
