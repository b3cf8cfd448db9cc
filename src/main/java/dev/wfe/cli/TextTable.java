package dev.wfe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * A table that fits the terminal. The first column, with ids that other commands need, keeps 40
 * characters, and the status stays whole. The widest of the others give way, and what is cut ends
 * with an ellipsis; if that is not enough, the last ones are left out. Cells must be printable.
 *
 * <p>Picocli's table reads markup in the cells, which come from the database. The table of {@link
 * Report} can cut columns, but does not know which, nor that some characters are two columns wide.
 */
final class TextTable {
  private static final String STATUS = "status";
  private static final String GAP = "  ";
  private static final int LEAST_WIDTH = 10;

  /** A UUID has 36 characters. */
  private static final int LEAST_OF_FIRST = 40;

  private final Terminal terminal;

  TextTable(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Prints the rows. Columns without any value are left out.
   *
   * @return the names of the columns that have values, and for which there is no room
   */
  List<String> print(PrintWriter out, List<String> header, List<List<String>> rows) {
    List<Integer> used =
        new ArrayList<>(
            IntStream.range(0, header.size())
                .filter(i -> rows.stream().anyMatch(row -> !row.get(i).isEmpty()))
                .boxed()
                .toList());
    int[] widths = naturalWidths(header, rows);
    List<String> left = new ArrayList<>();
    for (int last = used.size() - 1; last > 0 && !hasRoom(header, widths, used); last--) {
      if (!header.get(used.get(last)).equals(STATUS)) {
        left.add(0, header.get(used.remove(last)));
      }
    }
    printUsed(out, chosen(header, used), rows.stream().map(row -> chosen(row, used)).toList());
    return left;
  }

  /** The width to which a column can be cut. */
  private static int least(List<String> header, int column, int width) {
    if (header.get(column).equals(STATUS)) {
      return width;
    }
    return Math.min(width, column == 0 ? LEAST_OF_FIRST : LEAST_WIDTH);
  }

  /** Whether the columns fit if all that can be cut are cut. */
  private boolean hasRoom(List<String> header, int[] widths, List<Integer> columns) {
    int needed = GAP.length() * (columns.size() - 1);
    for (int column : columns) {
      needed += least(header, column, widths[column]);
    }
    return terminal.width() == 0 || needed <= terminal.width();
  }

  private static List<String> chosen(List<String> cells, List<Integer> columns) {
    return columns.stream().map(cells::get).toList();
  }

  private void printUsed(PrintWriter out, List<String> header, List<List<String>> rows) {
    int[] widths = fitted(header, naturalWidths(header, rows));
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

  private static int[] naturalWidths(List<String> header, List<List<String>> rows) {
    int[] widths = header.stream().mapToInt(PrintableText::width).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], PrintableText.width(row.get(i)));
      }
    }
    return widths;
  }

  private int[] fitted(List<String> header, int[] natural) {
    int[] widths = natural.clone();
    int room = terminal.width() - GAP.length() * (widths.length - 1);
    while (terminal.width() > 0 && Arrays.stream(widths).sum() > room && widths[0] > 1) {
      widths[widest(header, widths)]--;
    }
    return widths;
  }

  /** The widest column that can be cut; the first one if there is none. */
  private static int widest(List<String> header, int[] widths) {
    return IntStream.range(0, widths.length)
        .filter(i -> widths[i] > least(header, i, widths[i]))
        .boxed()
        .max(Comparator.comparingInt(i -> widths[i]))
        .orElse(0);
  }

  private static boolean isNumeric(List<List<String>> rows, int column) {
    return rows.stream().allMatch(row -> row.get(column).matches("[~-]?[\\d.]*"));
  }
}
