package dev.wfe.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No text depends on the JVM's locale. The tests run under one whose digits are not 0 to 9 (see
 * {@code argLine} in the POM), and conversions that write such digits are forbidden.
 */
class LocaleTest {
  private static final Pattern STRING =
      Pattern.compile("\"\"\"[\\s\\S]*?\"\"\"|\"(?:[^\"\\\\\n]|\\\\.)*\"");

  /** A conversion of a number or a time other than {@code %s}, which writes 0 to 9. */
  private static final Pattern LOCALIZED =
      Pattern.compile("%(\\d+\\$)?[-+ 0,(#]*\\d*d|%(\\d+\\$)?[-+0,(#]*(\\d*\\.\\d+)?[efgt]");

  /** A format with a locale of its own. */
  private static final Pattern WITH_LOCALE = Pattern.compile("Locale\\.ROOT,\\s*\"[^\"]*\"");

  private static final Pattern FORMATTERS =
      Pattern.compile(
          "\\b(NumberFormat|DecimalFormat|MessageFormat|SimpleDateFormat|Collator)\\b"
              + "|DateTimeFormatter\\.ofPattern\\([^,)]*\\)");

  @Test
  void theTestsRunUnderALocaleWithOtherDigits() {
    assertThat("%d".formatted(1)).isNotEqualTo("1");
    assertThat(String.format(Locale.ROOT, "%d", 1)).isEqualTo("1");
  }

  @Test
  void noNumberOrTimeIsWrittenInTheDigitsOfTheLocale() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources()) {
      String text = WITH_LOCALE.matcher(Files.readString(file)).replaceAll("");
      STRING
          .matcher(text)
          .results()
          .map(MatchResult::group)
          .filter(string -> LOCALIZED.matcher(string).find())
          .forEach(string -> found.add(file + ": " + string));
      FORMATTERS.matcher(text).results().forEach(match -> found.add(file + ": " + match.group()));
    }
    assertThat(found).isEmpty();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> main = Files.walk(Path.of("src/main/java"));
        Stream<Path> test = Files.walk(Path.of("src/test/java"))) {
      return Stream.concat(main, test)
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.endsWith("LocaleTest.java"))
          .toList();
    }
  }
}
