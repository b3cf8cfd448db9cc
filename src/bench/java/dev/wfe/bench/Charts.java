package dev.wfe.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws what grows elsewhere and should not here. */
final class Charts {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;

  private Charts() {}

  /** Charts of what was measured: one without samples is left out. */
  static void write(Path folder, List<Samples> measured) throws IOException {
    int largest = measured.stream().mapToInt(Samples::size).max().orElse(0);
    write(
        folder.resolve("persists.svg"),
        chart(
            "One pointer of n changed, 1 thread, tables of %,d pointers".formatted(largest),
            "n, pointers of the instance",
            "persists per second",
            measured.stream()
                .filter(is("persist"))
                .filter(samples -> samples.size() == largest)
                .toList(),
            samples -> Integer.parseInt(samples.load().replace("n=", "")),
            Samples::median));
    write(
        folder.resolve("polls.svg"),
        chart(
            "Finding the 100 instances that are due, 1 thread",
            "instances in the table",
            "milliseconds",
            measured.stream().filter(is("runnable")).toList(),
            Samples::size,
            samples -> 1_000 / samples.median()));
  }

  private static Predicate<Samples> is(String verb) {
    return samples -> samples.verb().equals(verb) && samples.threads() == 1;
  }

  private static XYChart chart(
      String title,
      String xTitle,
      String yTitle,
      List<Samples> shown,
      ToDoubleFunction<Samples> x,
      ToDoubleFunction<Samples> y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesStroke(new BasicStroke(0.25f));
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    for (Way way : Way.values()) {
      List<Samples> points =
          shown.stream()
              .filter(samples -> samples.way() == way)
              .sorted(Comparator.comparingDouble(x))
              .toList();
      if (!points.isEmpty()) {
        chart.addSeries(
            way.toString(),
            points.stream().mapToDouble(x).toArray(),
            points.stream().mapToDouble(y).toArray());
      }
    }
    return chart;
  }

  private static void write(Path file, XYChart chart) throws IOException {
    if (!chart.getSeriesCollection().isEmpty()) {
      ChartEncoder.saveChart(chart, file.toString(), "svg");
    }
  }
}
