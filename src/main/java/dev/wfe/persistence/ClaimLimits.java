package dev.wfe.persistence;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many workflows of a definition all hosts together may execute. A workflow is executed while a
 * host has a lease on it: not while it sleeps or waits for an event.
 *
 * @param atATime the largest number at a time, at least 1; null for any number
 * @param atATimePerKey the largest number at a time of those with the same {@code limitKey}, at
 *     least 1; null for any number. Workflows without a key are not counted
 * @param rate how many are claimed in a period; null for any number
 */
public record ClaimLimits(
    @Nullable Integer atATime, @Nullable Integer atATimePerKey, @Nullable Rate rate) {
  /** The longest period of a rate, in days. */
  public static final int MAX_PERIOD_DAYS = 366;

  /** Whether there is any limit. */
  public boolean isLimit() {
    return atATime != null || atATimePerKey != null || rate != null;
  }

  /**
   * A limit of claims. Each claim of a workflow counts: when it begins, when it goes on after it
   * has slept or waited, and when it is taken over.
   *
   * @param count the largest number in any period of that length, by the database's clock; at least
   *     1
   * @param period 1 millisecond to {@value #MAX_PERIOD_DAYS} days
   */
  public record Rate(int count, Duration period) {}
}
