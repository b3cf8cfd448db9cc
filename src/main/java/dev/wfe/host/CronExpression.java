package dev.wfe.host;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The local times of a cron expression. The only class that uses the optional library. The library
 * never sees a time zone: its times around a change of clocks are not always right. Immutable and
 * thread-safe.
 */
final class CronExpression {
  private final String text;
  private final ExecutionTime times;
  private final boolean everyHour;

  /**
   * Parses five fields.
   *
   * @throws WorkflowDefinitionException if the expression is wrong or never matches
   */
  CronExpression(String text) {
    this.text = text;
    times = ExecutionTime.forCron(parse(text));
    everyHour = List.of(text.split("\\s+")).get(1).startsWith("*");
    if (find(LocalDateTime.of(2000, 1, 1, 0, 0)).isEmpty()) {
      throw new WorkflowDefinitionException(
          "The cron expression '%s' never matches".formatted(text));
    }
  }

  private static Cron parse(String text) {
    try {
      return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
          .parse(text)
          .validate();
    } catch (IllegalArgumentException wrong) {
      throw new WorkflowDefinitionException(
          "The cron expression '%s' is wrong: %s".formatted(text, wrong.getMessage()), wrong);
    }
  }

  /** Whether the field of hours begins with an asterisk. */
  boolean isEveryHour() {
    return everyHour;
  }

  /** The first matching minute after the given time. */
  LocalDateTime next(LocalDateTime after) {
    return find(after)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The cron expression '%s' has no time after %s".formatted(text, after)));
  }

  private Optional<LocalDateTime> find(LocalDateTime after) {
    return times
        .nextExecution(after.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toLocalDateTime)
        .map(Objects::requireNonNull);
  }
}
