package dev.wfe.bench;

/** A way of doing a verb. */
public enum Way {
  /** The best code by hand on the driver that keeps the same promises. */
  FLOOR("floor"),
  /** The origin's statements, with an index on the pointers' workflow that it lacks. */
  ORIGIN("origin"),
  /** The origin's statements on the origin's indexes. */
  ORIGIN_WITHOUT_INDEX("origin, no index"),
  /** Entities loaded, changed and flushed. */
  HIBERNATE("plain Hibernate"),
  /** Through the public interface. */
  OURS("ours");

  private final String label;

  Way(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
