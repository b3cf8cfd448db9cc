package dev.wfe.histories.workload;

/** What a worker calls for one kind of row. Not thread-safe: one for each thread. */
@FunctionalInterface
interface Actions {
  /** Makes one call, or a few that belong together. */
  void step();
}
