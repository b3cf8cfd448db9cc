package dev.wfe.postgres.internal.transaction;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import dev.wfe.postgres.internal.sql.SqlErrors;
import java.util.List;

/** Translates failures of a commit that a framework executed. */
final class CommitFailures {
  private CommitFailures() {}

  /**
   * Returns the exception for the SQL error that caused the failure. If there is none, it is
   * unknown whether the transaction was committed.
   */
  static StoreException translate(Exception failure) {
    return SqlErrors.find(failure)
        .map(error -> SqlErrors.committing(TransactionRunner.OPERATION, error))
        .orElseGet(
            () -> new UnknownOutcomeException(TransactionRunner.NAME, false, List.of(), failure));
  }
}
