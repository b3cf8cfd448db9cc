package dev.wfe.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an age, such as 90d. Thread-safe. */
final class Age implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,6})([smhd])");

  @Override
  public Duration convert(String text) {
    Matcher age = FORM.matcher(text);
    if (!age.matches()) {
      throw new TypeConversionException(
          "'%s' is not an age: use 90s, 15m, 2h or 7d".formatted(text));
    }
    return of(Long.parseLong(age.group(1)), age.group(2));
  }

  /** The duration of so many units. */
  static Duration of(long number, String unit) {
    return switch (unit) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
