package dev.wfe.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The positions of times on a line, in percent. Proportional, except that spans in which nothing
 * happens and which would leave no room for the others are shortened. Immutable.
 */
final class TimeScale {
  private static final int MAX_GAPS = 4;
  private static final double GAP_WIDTH = 10;
  private static final double GAP_SHARE = 0.4;

  private final List<Instant> times;
  private final double[] positions;
  private final List<Gap> gaps = new ArrayList<>();

  /**
   * A span that is shortened.
   *
   * @param from where it begins, in percent
   * @param to where it ends
   */
  record Gap(double from, double to, Duration length) {}

  /**
   * Creates the scale.
   *
   * @param moments when something happens; at least one
   */
  TimeScale(Collection<Instant> moments) {
    times = List.copyOf(new TreeSet<>(moments));
    positions = new double[times.size()];
    Set<Integer> shortened = new HashSet<>();
    double rest = seconds(times.get(0), times.get(times.size() - 1));
    for (int i : longestFirst()) {
      double span = seconds(times.get(i), times.get(i + 1));
      if (shortened.size() == MAX_GAPS
          || shortened.size() + 2 >= times.size() - 1
          || span < rest * GAP_SHARE) {
        break;
      }
      shortened.add(i);
      rest -= span;
    }
    double width = 100 - GAP_WIDTH * shortened.size();
    for (int i = 0; i + 1 < times.size(); i++) {
      double share = rest <= 0 ? 0 : seconds(times.get(i), times.get(i + 1)) / rest * width;
      positions[i + 1] = positions[i] + (shortened.contains(i) ? GAP_WIDTH : share);
      if (shortened.contains(i)) {
        gaps.add(
            new Gap(
                positions[i], positions[i + 1], Duration.between(times.get(i), times.get(i + 1))));
      }
    }
  }

  private int[] longestFirst() {
    return IntStream.range(0, times.size() - 1)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -seconds(times.get(i), times.get(i + 1))))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double seconds(Instant from, Instant to) {
    Duration span = Duration.between(from, to);
    return span.getSeconds() + span.getNano() / 1e9;
  }

  /** The position of a time that is within the scale. */
  double at(Instant time) {
    int i = 0;
    int end = times.size() - 1;
    while (i + 1 < end) {
      int middle = (i + end) >>> 1;
      if (times.get(middle).isAfter(time)) {
        end = middle;
      } else {
        i = middle;
      }
    }
    if (end == 0) {
      return 0;
    }
    double span = seconds(times.get(i), times.get(end));
    double share = Math.min(1, Math.max(0, seconds(times.get(i), time) / span));
    return positions[i] + share * (positions[end] - positions[i]);
  }

  Instant start() {
    return times.get(0);
  }

  Instant end() {
    return times.get(times.size() - 1);
  }

  List<Gap> gaps() {
    return List.copyOf(gaps);
  }

  /** The time at a position. */
  Instant time(double position) {
    int i = 0;
    while (i + 2 < times.size() && positions[i + 1] < position) {
      i++;
    }
    if (times.size() == 1) {
      return times.get(0);
    }
    double width = positions[i + 1] - positions[i];
    double share = width <= 0 ? 0 : (position - positions[i]) / width;
    double span = seconds(times.get(i), times.get(i + 1));
    return times.get(i).plusMillis(Math.round(share * span * 1_000));
  }
}
