package dev.wfe.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Shows how many orders are complete: as a bar on a terminal, otherwise as a line from time to
 * time. Not thread-safe.
 */
final class ProgressDisplay implements AutoCloseable {
  private static final int LINES = 20;

  private final PrintWriter out;
  private final int total;
  private final @Nullable ProgressBar bar;
  private int lastLine = -1;

  ProgressDisplay(PrintWriter out, int total) {
    this.out = out;
    this.total = total;
    this.bar =
        Optional.ofNullable(System.console())
            .filter(ProgressDisplay::isTerminal)
            .map(console -> bar(total))
            .orElse(null);
  }

  private static ProgressBar bar(int total) {
    return new ProgressBarBuilder()
        .setTaskName("Orders complete")
        .setInitialMax(total)
        .setUpdateIntervalMillis(200)
        .build();
  }

  /**
   * Newer Java versions have a console even without a terminal, and a method to distinguish the
   * two.
   */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
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
    out.printf("Orders complete: %s of %s%n", completed, total);
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
