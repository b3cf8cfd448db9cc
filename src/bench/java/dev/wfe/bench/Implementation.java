package dev.wfe.bench;

/** An implementation of an operation. */
public enum Implementation {
  /** The fastest hand-written JDBC code with the same guarantees. */
  BASELINE("baseline"),
  /** The Rust provider's statements, with an added index on the pointers' workflow. */
  RUST_PROVIDER("Rust provider"),
  /** The Rust provider's statements with its own indexes. */
  RUST_PROVIDER_WITHOUT_INDEX("Rust provider, no index"),
  /** Hibernate entities that are loaded, changed and flushed. */
  HIBERNATE("plain Hibernate"),
  /** The scheduler db-scheduler. */
  DB_SCHEDULER("db-scheduler"),
  /** The job server JobRunr. */
  JOBRUNR("JobRunr"),
  /** The workflows of DBOS Transact. */
  DBOS("DBOS Transact"),
  /** The process engine Flowable. */
  FLOWABLE("Flowable"),
  /** The public API of this library; each write has a commit of its own. */
  LIBRARY_WITHOUT_GROUPS("this library, groups of 1"),
  /** The public API of this library. */
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
