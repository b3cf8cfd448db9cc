package dev.wfe.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws the rates of other libraries beside this one's, which is 1 in each comparison. */
final class PeerChart {
  private static final int WIDTH = 1_200;
  private static final int HEIGHT = 520;
  private static final int LABEL_DEGREES = 60;
  private static final Map<Implementation, Color> COLORS =
      Map.of(
          Implementation.LIBRARY, new Color(0xD55E00),
          Implementation.BASELINE, new Color(0x6B7280),
          Implementation.DB_SCHEDULER, new Color(0x0072B2),
          Implementation.JOBRUNR, new Color(0x009E73),
          Implementation.DBOS, new Color(0xCC79A7),
          Implementation.FLOWABLE, new Color(0xE69F00));

  private PeerChart() {}

  /** Writes {@code peers.svg}, if there are comparisons with other libraries. */
  static void write(Path folder, List<Samples> measured) throws IOException {
    List<Samples> ours =
        measured.stream()
            .filter(samples -> samples.implementation() == Implementation.LIBRARY)
            .toList();
    if (ours.isEmpty()) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Rate as a multiple of this library's; medians, and half the spread")
            .yAxisTitle("times this library")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesStroke(new BasicStroke(0.25f));
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setXAxisLabelRotation(LABEL_DEGREES);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisDecimalPattern("0.##");
    chart.getStyler().setXAxisMaxLabelCount(100);
    chart.getStyler().setAvailableSpaceFill(0.8);
    List<String> names = ours.stream().map(PeerChart::name).toList();
    for (Implementation implementation : COLORS.keySet().stream().sorted().toList()) {
      List<@Nullable Double> ratios = new ArrayList<>();
      List<@Nullable Double> spreads = new ArrayList<>();
      for (Samples one : ours) {
        Samples other =
            measured.stream()
                .filter(samples -> samples.implementation() == implementation)
                .filter(one::isBeside)
                .findFirst()
                .orElse(null);
        ratios.add(other == null ? null : other.median() / one.median());
        spreads.add(other == null ? null : other.median() / one.median() * other.spread());
      }
      if (ratios.stream().anyMatch(Objects::nonNull)) {
        CategorySeries series = chart.addSeries(implementation.toString(), names, ratios, spreads);
        series.setFillColor(COLORS.get(implementation));
      }
    }
    ChartEncoder.saveChart(chart, folder.resolve("peers.svg").toString(), "svg");
  }

  private static String name(Samples samples) {
    String load = samples.load().startsWith("50 of ") ? " of " + samples.load().substring(6) : "";
    return samples.operation()
        + load
        + (samples.threads() == 1 ? "" : ", " + samples.threads() + " callers");
  }
}
