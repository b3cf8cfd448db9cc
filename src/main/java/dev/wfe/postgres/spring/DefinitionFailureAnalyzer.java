package dev.wfe.postgres.spring;

import dev.wfe.host.WorkflowDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes Spring Boot print which workflow definition is wrong, instead of a stack trace. */
final class DefinitionFailureAnalyzer extends AbstractFailureAnalyzer<WorkflowDefinitionException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, WorkflowDefinitionException failure) {
    return new FailureAnalysis(
        "A workflow definition is refused. " + failure.getMessage() + ".",
        "Correct the definition. If it was changed on purpose, declare it as a bean with a new"
            + " version, and keep the bean of the old version for running workflows.",
        failure);
  }
}
