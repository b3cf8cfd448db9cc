package dev.wfe.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws charts of costs that grow in other implementations and should not grow in this library. */
final class Charts {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;
  private static final Map<Implementation, Color> COLORS =
      Map.of(
          Implementation.BASELINE, new Color(0x6B7280),
          Implementation.RUST_PROVIDER, new Color(0xE69F00),
          Implementation.RUST_PROVIDER_WITHOUT_INDEX, new Color(0xCC79A7),
          Implementation.HIBERNATE, new Color(0x009E73),
          Implementation.LIBRARY, new Color(0xD55E00));

  private Charts() {}

  /** Writes the charts. A chart without samples is left out. */
  static void write(Path folder, List<Samples> measured) throws IOException {
    int largest = measured.stream().mapToInt(Samples::size).max().orElse(0);
    XYChart persists =
        chart(
            "One pointer of n changed, 1 thread, tables of %,d pointers".formatted(largest),
            "n, pointers of the instance",
            "persists per second",
            measured.stream()
                .filter(is("persist"))
                .filter(samples -> samples.size() == largest)
                .toList(),
            samples -> Integer.parseInt(samples.load().replace("n=", "")),
            Samples::median);
    persists.getStyler().setYAxisLogarithmic(true);
    write(folder.resolve("persists.svg"), persists);
    XYChart polls =
        chart(
            "Reading the ids of the 100 instances that are due, 1 thread",
            "instances in the table",
            "milliseconds",
            measured.stream().filter(is("runnable")).toList(),
            Samples::size,
            samples -> 1_000 / samples.median());
    polls.getStyler().setYAxisMin(0.0);
    write(folder.resolve("polls.svg"), polls);
  }

  private static Predicate<Samples> is(String operation) {
    return samples -> samples.operation().equals(operation) && samples.threads() == 1;
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
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setYAxisDecimalPattern("#,##0.##");
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    for (Implementation implementation : Implementation.values()) {
      List<Samples> points =
          shown.stream()
              .filter(samples -> samples.implementation() == implementation)
              .sorted(Comparator.comparingDouble(x))
              .toList();
      if (!points.isEmpty()) {
        XYSeries series =
            chart.addSeries(
                implementation.toString(),
                points.stream().mapToDouble(x).toArray(),
                points.stream().mapToDouble(y).toArray());
        series.setLineColor(COLORS.get(implementation));
        series.setMarkerColor(COLORS.get(implementation));
        series.setMarker(SeriesMarkers.CIRCLE);
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
