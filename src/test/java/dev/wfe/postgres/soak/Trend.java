package dev.wfe.postgres.soak;

import java.util.List;
import java.util.Optional;

/**
 * A figure over time.
 *
 * @param values of evenly spaced samples, {@value #LEAST} at least
 */
record Trend(String figure, List<Long> values, Bound bound) {
  /** With fewer, a third says nothing. */
  static final int LEAST = 9;

  Trend {
    values = List.copyOf(values);
    if (values.size() < LEAST) {
      throw new IllegalArgumentException(
          "%s samples of %s say nothing; %s do".formatted(values.size(), figure, LEAST));
    }
  }

  long first() {
    return median(values.subList(0, values.size() / 3));
  }

  long last() {
    return median(values.subList(values.size() - values.size() / 3, values.size()));
  }

  private static long median(List<Long> some) {
    return some.stream().sorted().toList().get(some.size() / 2);
  }

  long highest() {
    return values.stream().mapToLong(Long::longValue).max().orElseThrow();
  }

  /** How it grows, in words; empty when it is flat. */
  Optional<String> problem() {
    long limit = bound.limit(first());
    if (last() > limit) {
      return Optional.of(
          "%s grows: from %s in the first third to %s in the last, over %s"
              .formatted(figure, first(), last(), limit));
    }
    if (highest() > bound.most()) {
      return Optional.of("%s came to %s, over %s".formatted(figure, highest(), bound.most()));
    }
    return Optional.empty();
  }
}
