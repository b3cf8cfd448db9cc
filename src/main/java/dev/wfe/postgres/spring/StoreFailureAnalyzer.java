package dev.wfe.postgres.spring;

import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Has Spring Boot say, instead of a stack trace, what keeps the store from being opened. */
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
      return "Start the database, or mend spring.datasource.url. Without JPA, the application starts"
          + " without it by spring.main.lazy-initialization=true.";
    }
    if (failure instanceof StoreSetupException setup) {
      return setup.problems().isEmpty()
          ? "Mend what the description names; see the properties under spring.datasource and wfe."
          : "Mend what the description names, in the database of spring.datasource.url.";
    }
    return null;
  }
}
