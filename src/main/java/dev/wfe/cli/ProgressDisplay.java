package dev.wfe.cli;

import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Shows how much of the work is done: as a bar on a terminal, otherwise as a line from time to
 * time. Not thread-safe.
 */
final class ProgressDisplay implements AutoCloseable {
  private static final int LINES = 20;

  private final PrintWriter out;
  private final String task;
  private final int total;
  private final @Nullable ProgressBar bar;
  private int lastLine = -1;

  ProgressDisplay(PrintWriter out, String task, int total) {
    this.out = out;
    this.task = task;
    this.total = total;
    this.bar =
        Optional.ofNullable(System.console())
            .filter(Terminal::isPresent)
            .map(console -> bar(task, total))
            .orElse(null);
  }

  private static ProgressBar bar(String task, int total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setUpdateIntervalMillis(200)
        .build();
  }

  void show(int completed) {
    if (bar != null) {
      bar.stepTo(completed);
    } else if (lastLine < 0 || completed - lastLine >= Math.max(1, total / LINES)) {
      line(completed);
    }
  }

  private void line(int completed) {
    lastLine = completed;
    out.printf("%s: %s of %s%n", task, completed, total);
    out.flush();
  }

  /** Shows the final state. */
  void end(int completed) {
    if (bar != null) {
      bar.stepTo(completed);
    } else if (completed != lastLine) {
      line(completed);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
