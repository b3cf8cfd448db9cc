package dev.wfe.bench;

/** How an operation is done. */
public enum Implementation {
  /** The best hand-written code on the driver that gives the same guarantees. */
  BASELINE("baseline"),
  /** The Rust provider's statements, with an index on the pointers' workflow that it lacks. */
  RUST_PROVIDER("Rust provider"),
  /** The Rust provider's statements on its own indexes. */
  RUST_PROVIDER_WITHOUT_INDEX("Rust provider, no index"),
  /** Entities loaded, changed and flushed. */
  HIBERNATE("plain Hibernate"),
  /** This library, through its public interface. */
  LIBRARY("this library");

  private final String label;

  Implementation(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
