package dev.wfe.host;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The runs of which outcomes have to be stored. Thread-safe. */
final class ReportedRuns {
  /** For how many instances one flush stores outcomes at most. */
  static final int MAX_GROUP = 128;

  /** How much data these instances have together, unless it is one alone. */
  private static final long MAX_GROUP_BYTES = 8L * 1024 * 1024;

  private final Set<InstanceRun> waiting = new LinkedHashSet<>();
  private final Runnable reported;

  /**
   * Creates an empty set.
   *
   * @param reported is called when there is something to flush
   */
  ReportedRuns(Runnable reported) {
    this.reported = reported;
  }

  /** Queues the run: the next flush stores its outcomes. */
  void report(InstanceRun run) {
    synchronized (waiting) {
      waiting.add(run);
    }
    reported.run();
  }

  /** Removes the runs whose outcomes are stored together. */
  List<InstanceRun> nextGroup() {
    synchronized (waiting) {
      List<InstanceRun> group = new ArrayList<>();
      long bytes = 0;
      for (InstanceRun run : waiting) {
        bytes += JsonSize.of(run.current().live().data());
        if (group.size() == MAX_GROUP || (!group.isEmpty() && bytes > MAX_GROUP_BYTES)) {
          break;
        }
        group.add(run);
      }
      group.forEach(waiting::remove);
      return group;
    }
  }
}
