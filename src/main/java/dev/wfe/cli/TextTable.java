package dev.wfe.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * A table that fits the terminal: the widest columns but the first give way, and what is cut ends
 * with an ellipsis. Cells must be printable.
 *
 * <p>Picocli's table reads markup in the cells, which come from the database. The table of {@link
 * Report} can cut columns, but does not know which, nor that some characters are two columns wide.
 */
final class TextTable {
  private static final String STATUS = "status";
  private static final String GAP = "  ";
  private static final int LEAST_WIDTH = 6;

  private final Terminal terminal;

  TextTable(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Prints the rows. Columns without any value are left out. */
  void print(PrintWriter out, List<String> header, List<List<String>> rows) {
    int[] used =
        IntStream.range(0, header.size())
            .filter(i -> rows.stream().anyMatch(row -> !row.get(i).isEmpty()))
            .toArray();
    printUsed(out, chosen(header, used), rows.stream().map(row -> chosen(row, used)).toList());
  }

  private static List<String> chosen(List<String> cells, int[] columns) {
    return Arrays.stream(columns).mapToObj(cells::get).toList();
  }

  private void printUsed(PrintWriter out, List<String> header, List<List<String>> rows) {
    int[] widths = widths(header, rows);
    boolean[] numeric = new boolean[widths.length];
    for (int i = 0; i < widths.length; i++) {
      numeric[i] = isNumeric(rows, i);
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(styled(padded(header.get(i), widths[i], numeric[i]), Style.bold)).append(GAP);
    }
    out.println(line.toString().stripTrailing());
    for (List<String> row : rows) {
      line.setLength(0);
      for (int i = 0; i < widths.length; i++) {
        String cell = padded(row.get(i), widths[i], numeric[i]);
        line.append(header.get(i).equals(STATUS) ? status(cell) : cell).append(GAP);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /** The word of a status in its colour, if the terminal shows colours. */
  String status(String word) {
    return switch (word.strip()) {
      case "Failed", "Terminated", "Cancelled", "refused" -> styled(word, Style.fg_red);
      case "Suspended", "Compensated", "Skipped" -> styled(word, Style.fg_yellow);
      case "Complete", "done" -> styled(word, Style.fg_green);
      default -> word;
    };
  }

  private String styled(String text, Style style) {
    return terminal.colours() ? style.on() + text + Style.reset.on() : text;
  }

  private static String padded(String cell, int width, boolean right) {
    String cut = PrintableText.cut(cell, width);
    String blanks = " ".repeat(Math.max(0, width - PrintableText.width(cut)));
    return right ? blanks + cut : cut + blanks;
  }

  private int[] widths(List<String> header, List<List<String>> rows) {
    int[] widths = header.stream().mapToInt(PrintableText::width).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], PrintableText.width(row.get(i)));
      }
    }
    int room = terminal.width() - GAP.length() * (widths.length - 1);
    while (terminal.width() > 0 && Arrays.stream(widths).sum() > room) {
      // ids are needed for other commands, so the first column gives way last
      int widest = widest(widths, 1);
      if (widths[widest] <= LEAST_WIDTH) {
        widest = widest(widths, 0);
      }
      if (widths[widest] <= LEAST_WIDTH) {
        break;
      }
      widths[widest]--;
    }
    return widths;
  }

  private static int widest(int[] widths, int from) {
    int widest = Math.min(from, widths.length - 1);
    for (int i = widest + 1; i < widths.length; i++) {
      widest = widths[i] > widths[widest] ? i : widest;
    }
    return widest;
  }

  private static boolean isNumeric(List<List<String>> rows, int column) {
    return rows.stream().allMatch(row -> row.get(column).matches("[~-]?[\\d.]*"));
  }
}
