package dev.wfe.postgres.internal.sql;

/**
 * The shape of a persist: its statement contains only the parts that are needed, because unneeded
 * parts cost about 33 % more server time. Immutable.
 *
 * @param guarded whether a revision is known and checked; otherwise the stored workflow is replaced
 *     unconditionally
 * @param renames whether the name may change, so that it may be taken by another workflow
 * @param sendsData whether the data may differ from the stored data
 * @param changed the number of pointers to write that existed at the revision
 * @param added the number of other pointers to write; all pointers if no revision is known
 * @param removes whether stored pointers may have to be deleted
 * @param revives whether the persist may resume an ended workflow, so that its subscriptions count
 *     again
 * @param subscriptions the number of new subscriptions
 */
public record PersistShape(
    boolean guarded,
    boolean renames,
    boolean sendsData,
    int changed,
    int added,
    boolean removes,
    boolean revives,
    int subscriptions) {
  /** Maps each number to the representative of all numbers that have the same statement. */
  public PersistShape {
    changed = RowList.shape(changed);
    added = RowList.shape(added);
    subscriptions = RowList.shape(subscriptions);
  }

  /** Whether it writes unique keys (ids or a name) that a concurrent transaction may take. */
  public boolean claims() {
    return !guarded || renames || adds() || subscribes();
  }

  /** Whether stored pointers may be updated. */
  boolean changes() {
    return guarded ? changed > 0 : adds();
  }

  boolean adds() {
    return added > 0;
  }

  boolean subscribes() {
    return subscriptions > 0;
  }

  /**
   * Whether a separate statement locks the workflow's row first. The main statement then sees
   * everything that earlier holders of the row lock committed: their pointers, and events that they
   * marked processed.
   */
  boolean locks() {
    return !guarded || revives;
  }

  /** Whether it may make processed events unprocessed again. */
  public boolean replays() {
    return revives || subscribes();
  }
}
