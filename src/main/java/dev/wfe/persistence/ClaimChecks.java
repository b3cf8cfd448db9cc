package dev.wfe.persistence;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks what a host wants to claim. */
final class ClaimChecks {
  private ClaimChecks() {}

  static void check(ClaimRequest request) {
    FieldChecks checks = new FieldChecks("ClaimRequest", "");
    checks.filledKey("owner", request.owner());
    List<DefinitionVersion> definitions = checks.nonNull("definitions", request.definitions());
    if (definitions.size() > ClaimRequest.MAX_DEFINITIONS) {
      throw checks.refusal(
          "definitions", FieldChecks.tooMany(definitions.size(), ClaimRequest.MAX_DEFINITIONS));
    }
    for (int i = 0; i < definitions.size(); i++) {
      DefinitionVersion definition =
          checks.nonNull(FieldChecks.element("definitions", i), definitions.get(i));
      checkDefinition(checks.within("definitions", i), definition);
    }
    checkBetween(checks, "limit", request.limit(), ClaimRequest.MAX_LIMIT);
    if (request.maxBytes() < 1) {
      throw checks.refusal("maxBytes", "is %s, less than 1".formatted(request.maxBytes()));
    }
    checkLease(checks, request.lease());
    checkLimits(checks, checks.nonNull("limits", request.limits()));
  }

  static void checkDefinition(FieldChecks checks, DefinitionVersion definition) {
    checks.filledKey("definitionId", definition.definitionId());
    checks.notNegative("version", definition.version(), 0);
  }

  static void checkLease(FieldChecks checks, Duration lease) {
    checkDuration(checks, "lease", lease, ClaimRequest.MAX_LEASE_DAYS);
  }

  private static void checkLimits(FieldChecks checks, Map<String, ClaimLimits> limits) {
    for (Map.Entry<String, ClaimLimits> entry : limits.entrySet()) {
      checks.filledKey("limits", entry.getKey());
      String path = "limits[%s]".formatted(entry.getKey());
      checkLimit(checks, path, checks.nonNull(path, entry.getValue()));
    }
  }

  static void checkLimit(FieldChecks checks, String path, ClaimLimits limit) {
    checkAtLeastOne(checks, path + ".atATime", limit.atATime());
    checkAtLeastOne(checks, path + ".atATimePerKey", limit.atATimePerKey());
    if (limit.rate() != null) {
      checkAtLeastOne(checks, path + ".rate.count", limit.rate().count());
      checkDuration(
          checks, path + ".rate.period", limit.rate().period(), ClaimLimits.MAX_PERIOD_DAYS);
    }
  }

  private static void checkAtLeastOne(FieldChecks checks, String field, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw checks.refusal(field, "is %s, less than 1".formatted(value));
    }
  }

  private static void checkBetween(FieldChecks checks, String field, int value, int most) {
    if (value < 1 || value > most) {
      throw checks.refusal(field, "is %s, not between 1 and %s".formatted(value, most));
    }
  }

  static void checkDuration(FieldChecks checks, String field, Duration value, int mostDays) {
    checks.nonNull(field, value);
    if (value.compareTo(Duration.ofMillis(1)) < 0
        || value.compareTo(Duration.ofDays(mostDays)) > 0) {
      throw checks.refusal(
          field, "is %s, not between 1 millisecond and %s day(s)".formatted(value, mostDays));
    }
  }
}
