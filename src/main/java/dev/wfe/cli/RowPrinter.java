package dev.wfe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints rows as a table, as JSON or as comma-separated values. Nothing that comes from the
 * database reaches the terminal unescaped. JSON loses nothing by that; the others show the codes of
 * special characters.
 */
final class RowPrinter {
  private final PrintWriter out;
  private final PrintWriter notes;
  private final Terminal terminal;
  private final OutputFormat format;

  /**
   * Creates the printer.
   *
   * @param notes for what is not a row, unless the rows are a table
   */
  RowPrinter(PrintWriter out, PrintWriter notes, Terminal terminal, OutputFormat format) {
    this.out = out;
    this.notes = format == OutputFormat.TABLE ? out : notes;
    this.terminal = terminal;
    this.format = format;
  }

  /** Prints the rows. */
  <T> void print(List<Column<T>> columns, List<T> rows) {
    print(columns, rows, null);
  }

  /**
   * Prints the rows of a page.
   *
   * @param next the cursor with which the next page continues, or null
   */
  <T> void print(List<Column<T>> columns, List<T> rows, @Nullable String next) {
    switch (format) {
      case TABLE -> {
        if (rows.isEmpty()) {
          out.println("(none)");
        } else {
          List<String> left =
              new TextTable(terminal).print(out, header(columns), cells(columns, rows));
          if (!left.isEmpty()) {
            notes.println(
                "Left out, because the terminal is too narrow: " + String.join(", ", left));
          }
        }
      }
      case JSON -> out.println(JsonText.pretty(JsonText.page(columns, rows, next)));
      case CSV -> {
        out.println(csv(header(columns)));
        cells(columns, rows).forEach(row -> out.println(csv(row)));
      }
    }
    if (next != null && format != OutputFormat.JSON) {
      notes.println("There is more. The next page: --after " + next);
    }
    out.flush();
    notes.flush();
  }

  /** Prints a document: JSON as it is, anything else as lines. */
  void print(JsonNode document, Iterable<String> lines) {
    if (format == OutputFormat.JSON) {
      out.println(JsonText.pretty(document));
    } else {
      lines.forEach(out::println);
    }
    out.flush();
  }

  /** Prints a line that is not a row: beside a table, or where errors are printed. */
  void note(String line) {
    notes.println(line);
    notes.flush();
  }

  OutputFormat format() {
    return format;
  }

  Terminal terminal() {
    return terminal;
  }

  private static <T> List<String> header(List<Column<T>> columns) {
    return columns.stream().map(Column::name).toList();
  }

  private <T> List<List<String>> cells(List<Column<T>> columns, List<T> rows) {
    List<List<String>> cells = new ArrayList<>(rows.size());
    for (T row : rows) {
      cells.add(columns.stream().map(column -> cell(column.value().apply(row))).toList());
    }
    return cells;
  }

  private String cell(@Nullable Object value) {
    if (format == OutputFormat.TABLE && value instanceof Instant time) {
      return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
    return value == null ? "" : PrintableText.of(Objects.toString(value));
  }

  private static String csv(List<String> cells) {
    return cells.stream().map(RowPrinter::quoted).collect(Collectors.joining(","));
  }

  /** As RFC 4180 says. */
  private static String quoted(String cell) {
    return cell.indexOf(',') < 0 && cell.indexOf('"') < 0 && !cell.startsWith(" ")
        ? cell
        : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
