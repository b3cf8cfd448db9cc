package dev.wfe.bench;

/** An implementation of an operation. */
public enum Way {
  /** The fastest hand-written JDBC code with the same guarantees. */
  BASELINE("baseline"),
  /** The Rust provider's statements, with an added index on the pointers' workflow. */
  RUST("Rust provider"),
  /** The Rust provider's statements with its own indexes. */
  RUST_WITHOUT_INDEX("Rust provider, no index"),
  /** Hibernate entities that are loaded, changed and flushed. */
  HIBERNATE("plain Hibernate"),
  /** The public API of this library. */
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
