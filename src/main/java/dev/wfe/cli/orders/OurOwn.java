package dev.wfe.cli.orders;

import java.util.List;

/**
 * Tells what belongs to this host from what other hosts of the same store have due, which may come
 * first in every answer: so many more are asked for. Not thread-safe.
 */
final class OurOwn {
  private static final int BATCH = 100;

  private int foreign;

  /** How many to ask for, so that some are our own if there are any. */
  int limit() {
    return BATCH + foreign;
  }

  List<String> of(List<String> ids) {
    List<String> ours = ids.stream().filter(Ids::isOurs).toList();
    foreign = ids.size() - ours.size();
    return ours;
  }
}
