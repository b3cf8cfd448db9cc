package dev.wfe.cli.orders;

import java.util.List;

/**
 * Selects the ids of this host from lists of due work, which can also contain work of other hosts.
 * Work of others can come first in each list, so the limit of the next list is increased by its
 * number. Not thread-safe.
 */
final class OwnWork {
  private static final int BATCH = 100;

  private int foreign;

  /**
   * The limit of the next list. It is large enough to contain ids of this host if there are any.
   */
  int limit() {
    return BATCH + foreign;
  }

  List<String> of(List<String> ids) {
    List<String> ours = ids.stream().filter(Ids::isOurs).toList();
    foreign = ids.size() - ours.size();
    return ours;
  }
}
