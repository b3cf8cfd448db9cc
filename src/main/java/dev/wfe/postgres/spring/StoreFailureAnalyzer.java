package dev.wfe.postgres.spring;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Makes Spring Boot print why the store could not be opened, and what to do, instead of a stack
 * trace.
 */
final class StoreFailureAnalyzer extends AbstractFailureAnalyzer<StoreException> {
  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, StoreException failure) {
    String action = action(failure);
    return action == null
        ? null
        : new FailureAnalysis(
            "The store of workflow state could not be opened. " + failure.getMessage(),
            action,
            failure);
  }

  private static @Nullable String action(StoreException failure) {
    if (failure instanceof StoreUnavailableException) {
      return "Start the database, or correct spring.datasource.url. An application without JPA can"
          + " start without the database if spring.main.lazy-initialization=true is set.";
    }
    if (failure instanceof StoreSetupException setup) {
      return setup.problems().isEmpty()
          ? "Correct the problem above; see the properties under spring.datasource and wfe."
          : "Correct the problems above in the database of spring.datasource.url.";
    }
    return null;
  }
}
