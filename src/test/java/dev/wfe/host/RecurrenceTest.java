package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The times of recurrences. */
final class RecurrenceTest {
  private static final ZoneId VIENNA = ZoneId.of("Europe/Vienna");

  /** Clocks are put from 2:00 to 3:00, which is 01:00 in UTC. */
  private static final Instant SPRING = Instant.parse("2026-03-29T01:00:00Z");

  /** Clocks are put from 3:00 to 2:00, which is 01:00 in UTC. */
  private static final Instant AUTUMN = Instant.parse("2026-10-25T01:00:00Z");

  private static List<String> times(Recurrence recurrence, Instant from, Instant to) {
    List<String> times = new ArrayList<>();
    for (Instant time = recurrence.next(from.minusNanos(1));
        time.isBefore(to);
        time = recurrence.next(time)) {
      times.add(time.toString().substring(11, 16));
    }
    return times;
  }

  private static List<String> around(Instant change, String expression) {
    return times(
        Recurrence.cron(expression, VIENNA),
        change.minus(Duration.ofHours(2)),
        change.plus(Duration.ofHours(2)));
  }

  @Test
  void dailyTimeThatDoesNotExistIsTheMomentOfTheChange() {
    assertThat(around(SPRING, "30 2 * * *")).containsExactly("01:00");
    assertThat(around(SPRING, "0 3 * * *")).containsExactly("01:00");
    assertThat(around(SPRING, "30 1 * * *")).containsExactly("00:30");
    assertThat(around(SPRING, "30 3 * * *")).containsExactly("01:30");
  }

  @Test
  void severalTimesThatDoNotExistCountOnce() {
    assertThat(around(SPRING, "*/15 1-3 * * *"))
        .containsExactly("00:00", "00:15", "00:30", "00:45", "01:00", "01:15", "01:30", "01:45");
  }

  @Test
  void dailyTimeThatExistsTwiceCountsAtItsFirstOccurrence() {
    assertThat(around(AUTUMN, "30 2 * * *")).containsExactly("00:30");
    assertThat(around(AUTUMN, "0 2 * * *")).containsExactly("00:00");
    assertThat(around(AUTUMN, "0 3 * * *")).containsExactly("02:00");
  }

  @Test
  void hourlyTimesKeepTheirPauses() {
    assertThat(around(SPRING, "30 * * * *")).containsExactly("23:30", "00:30", "01:30", "02:30");
    assertThat(around(AUTUMN, "30 * * * *")).containsExactly("23:30", "00:30", "01:30", "02:30");
    assertThat(around(SPRING, "0 * * * *")).containsExactly("23:00", "00:00", "01:00", "02:00");
    assertThat(around(AUTUMN, "0 * * * *")).containsExactly("23:00", "00:00", "01:00", "02:00");
    assertThat(around(AUTUMN, "0 */2 * * *")).containsExactly("00:00", "01:00");
  }

  @Test
  void everyDayOfAYearHasItsTimeOnce() {
    Recurrence daily = Recurrence.cron("30 2 * * *", VIENNA);
    Instant time = Instant.parse("2025-12-31T12:00:00Z");
    for (int day = 1; day <= 365; day++) {
      time = daily.next(time);
      assertThat(time.atZone(VIENNA).getDayOfYear()).isEqualTo(day);
    }
  }

  @Test
  void timeIsTheSameHoweverOneComesToIt() {
    Random random = new Random(18);
    for (String expression : List.of("30 2 * * *", "*/20 * * * *", "10 1-3 * * *", "0 */2 * * 0")) {
      Recurrence recurrence = Recurrence.cron(expression, VIENNA);
      for (Instant change : List.of(SPRING, AUTUMN)) {
        TreeSet<Instant> all = new TreeSet<>();
        for (Instant time = change.minus(Duration.ofDays(9));
            time.isBefore(change.plus(Duration.ofDays(9)));
            time = recurrence.next(time)) {
          all.add(time);
        }
        all.remove(change.minus(Duration.ofDays(9)));
        for (int i = 0; i < 200; i++) {
          Instant after = change.plusMillis(random.nextInt(10_000_000) - 5_000_000);
          assertThat(recurrence.next(after)).isEqualTo(all.higher(after));
        }
      }
    }
  }

  @Test
  void expressionsMatchAsInCrontab() {
    Random random = new Random(16);
    for (int i = 0; i < 50; i++) {
      String expression =
          String.join(
              " ",
              field(random, 0, 59),
              field(random, 0, 23),
              field(random, 1, 28),
              field(random, 1, 12),
              field(random, 0, 6));
      Instant start =
          Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(400 * 86_400));
      Instant expected = start.plusSeconds(60 - start.getEpochSecond() % 60);
      int minutes = 0;
      while (!matches(expression, LocalDateTime.ofInstant(expected, ZoneOffset.UTC))
          && minutes++ < 500_000) {
        expected = expected.plusSeconds(60);
      }
      if (minutes < 500_000) {
        assertThat(Recurrence.cron(expression, ZoneOffset.UTC).next(start))
            .as(expression + " after " + start)
            .isEqualTo(expected);
      }
    }
  }

  private static String field(Random random, int from, int to) {
    int one = from + random.nextInt(to - from + 1);
    int other = from + random.nextInt(to - from + 1);
    return switch (random.nextInt(5)) {
      case 0 -> String.valueOf(one);
      case 1 -> Math.min(one, other) + "-" + Math.max(one, other);
      case 2 -> one + "," + other;
      case 3 -> "*/" + (1 + random.nextInt(Math.max(1, to / 2)));
      default -> "*";
    };
  }

  private static boolean matches(String expression, LocalDateTime time) {
    List<String> fields = List.of(expression.split(" "));
    boolean day = matches(fields.get(2), 1, time.getDayOfMonth());
    boolean weekday = matches(fields.get(4), 0, time.getDayOfWeek().getValue() % 7);
    boolean both = fields.get(2).matches("[*](/1)?") || fields.get(4).matches("[*](/1)?");
    return matches(fields.get(0), 0, time.getMinute())
        && matches(fields.get(1), 0, time.getHour())
        && matches(fields.get(3), 1, time.getMonthValue())
        && (both ? day && weekday : day || weekday);
  }

  private static boolean matches(String field, int first, int value) {
    if (field.startsWith("*/")) {
      return (value - first) % Integer.parseInt(field.substring(2)) == 0;
    }
    return field.equals("*")
        || Arrays.stream(field.split(","))
            .map(part -> part.split("-"))
            .anyMatch(
                ends ->
                    IntStream.rangeClosed(
                            Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                        .anyMatch(allowed -> allowed == value));
  }

  @Test
  void namesAndSundayAsSevenAreUnderstood() {
    Recurrence sundays = Recurrence.cron(" 0 8 * JAN-MAR SUN ", VIENNA);
    assertThat(sundays.next(SPRING)).isEqualTo("2026-03-29T06:00:00Z");
    assertThat(Recurrence.cron("0 8 * 1-3 7", VIENNA).next(SPRING))
        .isEqualTo("2026-03-29T06:00:00Z");
    assertThat(sundays.toString()).isEqualTo("0 8 * JAN-MAR SUN (Europe/Vienna)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "0",
        "0 2 * *",
        "0 0 2 * * *",
        "60 2 * * *",
        "0 24 * * *",
        "0 2 32 * *",
        "0 2 * 13 *",
        "0 2 * * 8",
        "x 2 * * *",
        "0 22-2 * * *",
        "*/0 * * * *",
        "-1 * * * *",
        "@daily",
        "0 2 L * *",
        "0 2 ? * *",
        "0 2 * * *; drop",
        "0 2 30 2 *",
        "0 2 31 4,6,9,11 *"
      })
  void wrongExpressionsAreRefused(String expression) {
    assertThatThrownBy(() -> Recurrence.cron(expression, VIENNA))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("'%s'", expression.strip());
  }

  @Test
  void intervalsAreCountedFromTheEpoch() {
    Recurrence recurrence = Recurrence.every(Duration.ofMinutes(90));
    assertThat(times(recurrence, AUTUMN, AUTUMN.plus(Duration.ofHours(5))))
        .containsExactly("01:30", "03:00", "04:30");
    assertThat(recurrence.next(Instant.parse("1969-12-31T23:59:59Z"))).isEqualTo(Instant.EPOCH);
    assertThat(recurrence.next(Instant.parse("1969-12-31T22:30:00Z"))).isEqualTo(Instant.EPOCH);
    assertThat(recurrence.toString()).isEqualTo("every PT1H30M");
  }

  @Test
  void intervalsOutOfRangeAreRefused() {
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(999), Duration.ofDays(3_651))) {
      assertThatThrownBy(() -> Recurrence.every(wrong))
          .isInstanceOf(WorkflowDefinitionException.class)
          .hasMessageContaining("The interval is %s", wrong);
    }
  }

  @Test
  void ofManyMissedTimesTheLatestCount() {
    Instant now = Instant.parse("2026-11-27T10:00:30Z");
    Instant first = Instant.parse("2020-01-01T00:00:00Z");
    Recurrence minutes = Recurrence.cron("* * * * *", VIENNA);
    Recurrence january = Recurrence.cron("0 0 1 1 *", ZoneOffset.UTC);
    assertThat(MissedStarts.latest().times(minutes, first, now))
        .containsExactly(Instant.parse("2026-11-27T10:00:00Z"));
    assertThat(MissedStarts.all(3).times(Recurrence.every(Duration.ofSeconds(1)), first, now))
        .containsExactly(now.minusSeconds(2), now.minusSeconds(1), now);
    assertThat(MissedStarts.all(100).times(january, first, now))
        .hasSize(7)
        .startsWith(first)
        .endsWith(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(MissedStarts.latest().times(january, first, now))
        .containsExactly(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(MissedStarts.notLaterThan(Duration.ofDays(300)).times(january, first, now))
        .isEmpty();
    assertThat(MissedStarts.notLaterThan(Duration.ofDays(340)).times(january, first, now))
        .containsExactly(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(MissedStarts.notLaterThan(Duration.ofSeconds(30)).times(minutes, first, now))
        .containsExactly(Instant.parse("2026-11-27T10:00:00Z"));
    assertThat(MissedStarts.notLaterThan(Duration.ofSeconds(29)).times(minutes, first, now))
        .isEmpty();
  }
}
