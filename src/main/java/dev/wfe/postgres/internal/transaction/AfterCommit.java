package dev.wfe.postgres.internal.transaction;

import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;

/** Runs a callback after a commit, and not after a rollback. */
record AfterCommit(Runnable callback) implements Synchronization {
  @Override
  public void beforeCompletion() {
    // Nothing to do before the commit.
  }

  @Override
  public void afterCompletion(int status) {
    if (status == Status.STATUS_COMMITTED) {
      callback.run();
    }
  }
}
