package dev.wfe.postgres.internal.sql;

/**
 * What a persist has to do: its statement has a part for each, and none for what is not to be done,
 * which would cost the server a third of the time.
 *
 * @param guarded whether a revision is known, else whatever is stored is replaced
 * @param renames whether another workflow could have the name
 * @param sendsData whether the data may differ from what is stored
 * @param changed how many pointers that were stored at the revision are written
 * @param added how many other pointers are; all, where no revision is known
 * @param removes whether pointers may have to go
 * @param revives whether a workflow that had ended may go on, whose subscriptions count again
 * @param subscriptions how many subscriptions are new
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
  /** Brings the numbers to those that stand for the same statement. */
  public PersistShape {
    changed = RowList.shape(changed);
    added = RowList.shape(added);
    subscriptions = RowList.shape(subscriptions);
  }

  /** Whether ids or a name are claimed, which another may claim at the same moment. */
  public boolean claims() {
    return !guarded || renames || adds() || subscribes();
  }

  /** Whether a pointer that is stored may be written. */
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
   * Whether the row is locked by a statement of its own first, so that the second one sees what
   * those did who held the row: pointers, and events marked processed.
   */
  boolean locks() {
    return !guarded || revives;
  }

  /** Whether events may become unprocessed again. */
  public boolean replays() {
    return revives || subscribes();
  }
}
