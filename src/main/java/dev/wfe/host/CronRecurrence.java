package dev.wfe.host;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Objects;

/** The times of a cron expression in a time zone. Immutable and thread-safe. */
final class CronRecurrence implements Recurrence {
  private final String text;
  private final ZoneId zone;
  private final CronExpression expression;

  CronRecurrence(String text, ZoneId zone) {
    this.text = Objects.requireNonNull(text, "expression").strip();
    this.zone = Objects.requireNonNull(zone, "zone");
    CronLibrary.require();
    this.expression = new CronExpression(this.text);
  }

  String text() {
    return text;
  }

  ZoneId zone() {
    return zone;
  }

  @Override
  public Instant next(Instant after) {
    return expression.isEveryHour() ? nextWithEqualPauses(after) : nextOnTheClock(after);
  }

  /** Every local time counts once, whatever happens to the clocks. */
  private Instant nextOnTheClock(Instant after) {
    LocalDateTime local = LocalDateTime.ofInstant(after, zone);
    while (true) {
      local = expression.next(local);
      Instant time = onTheClock(local);
      // Clocks that were put back show local times again that have passed.
      if (time.isAfter(after)) {
        return time;
      }
    }
  }

  private Instant onTheClock(LocalDateTime local) {
    ZoneOffsetTransition change = zone.getRules().getTransition(local);
    return change != null && change.isGap()
        ? change.getInstant()
        : local.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
  }

  /** Until the next change of the clocks, they run evenly; then they begin anew. */
  private Instant nextWithEqualPauses(Instant after) {
    ZoneOffset offset = zone.getRules().getOffset(after);
    LocalDateTime local = LocalDateTime.ofInstant(after, offset);
    Instant from = after;
    while (true) {
      Instant time = expression.next(local).toInstant(offset);
      ZoneOffsetTransition change = zone.getRules().nextTransition(from);
      if (change == null || time.isBefore(change.getInstant())) {
        return time;
      }
      from = change.getInstant();
      offset = change.getOffsetAfter();
      local = change.getDateTimeAfter().minusSeconds(1); // the moment of the change counts
    }
  }

  @Override
  public String toString() {
    return text(text, zone.getId());
  }

  static String text(String expression, String zone) {
    return "%s (%s)".formatted(expression, zone);
  }
}
