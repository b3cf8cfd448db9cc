package dev.wfe.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page that needs nothing but itself: no script, no network. Its policy lets a browser apply the
 * one style sheet, and nothing else.
 */
final class HtmlPage {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private HtmlPage() {}

  /** A part of a page, with a link to it at the top. */
  record Section(String id, String title, List<Html> content) {}

  /**
   * Writes a new file.
   *
   * @param title the title of the window
   * @throws CliException if there is such a file, or it cannot be written
   */
  static void write(Path file, String title, Html header, List<Section> sections) {
    try (Writer out =
        Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
      String style = style();
      out.write("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
      out.write(
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
              + " 'sha256-%s'; base-uri 'none'; form-action 'none'\">".formatted(sha256(style)));
      out.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
      out.write("<meta name=\"color-scheme\" content=\"light dark\">");
      out.write("<meta name=\"referrer\" content=\"no-referrer\">");
      Html.of("title", title).write(out);
      out.write("<style>" + style + "</style></head><body>\n");
      Html.of("a", "Skip to the content").as("skip").with("href", "#content").write(out);
      header.add(contents(sections)).write(out);
      Html main = Html.of("main").with("id", "content").with("tabindex", "-1");
      for (Section section : sections) {
        main.add(
            Html.of("section", Html.of("h2", section.title()).with("id", section.id()))
                .with("aria-labelledby", section.id())
                .addAll(section.content()));
      }
      main.write(out);
      Html.of("footer", "Times are UTC. Written by wfe at " + time(Instant.now()) + ".").write(out);
      out.write("\n</body></html>\n");
    } catch (FileAlreadyExistsException e) {
      throw new CliException(CliException.USAGE, "%s exists".formatted(file), e);
    } catch (IOException e) {
      delete(file);
      throw new CliException(
          CliException.DIFFERENT, "The page cannot be written: " + e.getMessage(), e);
    }
  }

  /** A part of a page is of no use. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new CliException(
          CliException.DIFFERENT, "%s is incomplete: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Html contents(List<Section> sections) {
    Html nav = Html.of("nav").with("aria-label", "Sections");
    for (Section section : sections) {
      nav.add(Html.of("a", section.title()).with("href", "#" + section.id()));
    }
    return nav;
  }

  private static String style() {
    try (InputStream css = Objects.requireNonNull(HtmlPage.class.getResourceAsStream("page.css"))) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A table in a frame that scrolls by itself. The first cell of each row is its header. */
  static Html table(String caption, List<String> columns, List<List<Html>> rows) {
    Html head = Html.of("tr");
    columns.forEach(column -> head.add(Html.of("th", column).with("scope", "col")));
    Html body = Html.of("tbody");
    for (List<Html> cells : rows) {
      Html row = Html.of("tr");
      for (int i = 0; i < cells.size(); i++) {
        row.add(
            i == 0
                ? Html.of("th", cells.get(i)).with("scope", "row")
                : Html.of("td", cells.get(i)));
      }
      body.add(row);
    }
    return Html.of(
            "div", Html.of("table", Html.of("caption", caption), Html.of("thead", head), body))
        .as("frame")
        .with("role", "region")
        .with("tabindex", "0")
        .with("aria-label", caption);
  }

  /** The word of a status, with a mark that does not depend on colour. */
  static Html status(String word) {
    return Html.of("span", Marks.of(word) + " " + word).as("status " + Marks.kind(word));
  }

  /** The time to the second. */
  static String time(@Nullable Instant time) {
    if (time == null) {
      return "—";
    }
    return time.isAfter(Instant.parse("9999-12-31T23:59:59Z"))
            || time.isBefore(Instant.parse("0000-01-01T00:00:00Z"))
        ? time.toString()
        : TIME.format(time);
  }

  /** The time as an element; the day and the time of day may have lines of their own. */
  static Html when(@Nullable Instant time) {
    String text = time(time);
    int space = text.indexOf(' ');
    if (time == null || space < 0) {
      return Html.text(text);
    }
    return Html.of(
            "time",
            Html.of("span", text.substring(0, space)),
            Html.text(" "),
            Html.of("span", text.substring(space + 1)))
        .with("datetime", time.toString());
  }

  /** The two greatest units of a duration. */
  static String duration(Duration length) {
    if (length.isNegative()) {
      return "−" + duration(length.negated());
    }
    if (length.compareTo(Duration.ofSeconds(1)) < 0) {
      return length.toMillis() + " ms";
    }
    if (length.compareTo(Duration.ofMinutes(1)) < 0) {
      return String.format(Locale.ROOT, "%.1f s", length.toMillis() / 1_000.0);
    }
    Duration seconds = length.truncatedTo(ChronoUnit.SECONDS);
    if (seconds.compareTo(Duration.ofHours(1)) < 0) {
      return "%s min %s s".formatted(seconds.toMinutes(), seconds.toSecondsPart());
    }
    return seconds.compareTo(Duration.ofDays(1)) < 0
        ? "%s h %s min".formatted(seconds.toHours(), seconds.toMinutesPart())
        : "%s d %s h".formatted(seconds.toDays(), seconds.toHoursPart());
  }
}
