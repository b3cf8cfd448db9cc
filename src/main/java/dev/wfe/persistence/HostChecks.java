package dev.wfe.persistence;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the parameters of {@link HostRepository} and of {@link WorkflowQueries#getLimitUsage}. */
public final class HostChecks {
  private HostChecks() {}

  /** Checks the parameter of {@code registerHost}. */
  public static void check(HostRegistration host) {
    ValueLimits.nonNull("registerHost", "host", host);
    FieldChecks checks = new FieldChecks("HostRegistration", host.id());
    checks.filledKey("id", host.id());
    checks.filledKey("name", host.name());
    checks.optionalKey("version", host.version(), null);
    checkAge(checks, checks.nonNull("age", host.age()));
    ClaimChecks.checkDuration(
        checks, "validity", host.validity(), HostRegistration.MAX_VALIDITY_DAYS);
    checkDefinitions(checks, checks.nonNull("definitions", host.definitions()));
  }

  private static void checkAge(FieldChecks checks, Duration age) {
    if (age.isNegative() || age.compareTo(Duration.ofDays(ValueLimits.MAX_DURATION_DAYS)) > 0) {
      throw checks.refusal(
          "age", "is %s, not between 0 and %s days".formatted(age, ValueLimits.MAX_DURATION_DAYS));
    }
  }

  private static void checkDefinitions(FieldChecks checks, List<HostedDefinition> definitions) {
    if (definitions.size() > ClaimRequest.MAX_DEFINITIONS) {
      throw checks.refusal(
          "definitions", FieldChecks.tooMany(definitions.size(), ClaimRequest.MAX_DEFINITIONS));
    }
    for (int i = 0; i < definitions.size(); i++) {
      HostedDefinition hosted =
          checks.nonNull(FieldChecks.element("definitions", i), definitions.get(i));
      FieldChecks within = checks.within("definitions", i);
      ClaimChecks.checkDefinition(within, within.nonNull("definition", hosted.definition()));
      ClaimChecks.checkLimit(within, "limits", within.nonNull("limits", hosted.limits()));
    }
  }

  /** Checks the parameter of {@code removeHost}. */
  public static String checkRemoval(String id) {
    return ValueLimits.nonNull("removeHost", "id", id);
  }

  /** Checks the parameter of {@code getHosts}. */
  public static void checkList(int limit) {
    checkLimit("getHosts", limit);
  }

  /** Checks the parameters of {@code getLiveHosts}. */
  public static void checkList(DefinitionVersion definition, int limit) {
    String operation = "getLiveHosts";
    new FieldChecks(operation, "")
        .text(
            "definitionId",
            ValueLimits.nonNull(operation, "definition", definition).definitionId());
    checkLimit(operation, limit);
  }

  private static void checkLimit(String operation, int limit) {
    ValueLimits.checkBetween(operation, "limit", limit, 1, HostRepository.MAX_HOSTS);
  }

  /** Checks the parameters of {@code getLimitUsage}. */
  public static void checkUsage(String workflowId, @Nullable Duration period) {
    FieldChecks checks = new FieldChecks("getLimitUsage", "");
    checks.text("workflowId", workflowId);
    if (period != null) {
      ClaimChecks.checkDuration(checks, "period", period, ClaimLimits.MAX_PERIOD_DAYS);
    }
  }
}
