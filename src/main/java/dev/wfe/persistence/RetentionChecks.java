package dev.wfe.persistence;

import dev.wfe.persistence.PurgeTarget.EndedWorkflows;
import dev.wfe.persistence.PurgeTarget.OldErrors;
import dev.wfe.persistence.PurgeTarget.Orphans;
import dev.wfe.persistence.PurgeTarget.ProcessedEvents;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the parameters of {@link RetentionRepository}. Thread-safe. */
public final class RetentionChecks {
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");

  private RetentionChecks() {}

  /** Checks a target. */
  public static void check(String operation, PurgeTarget target) {
    ValueLimits.nonNull(operation, "target", target);
    FieldChecks checks = new FieldChecks(target.getClass().getSimpleName(), "");
    Duration age = checks.nonNull("age", target.age());
    if (age.isNegative() || age.compareTo(Duration.ofDays(ValueLimits.MAX_DURATION_DAYS)) > 0) {
      throw checks.refusal(
          "age", "is %s, not between 0 and %s days".formatted(age, ValueLimits.MAX_DURATION_DAYS));
    }
    if (target instanceof EndedWorkflows workflows) {
      if (!checks.nonNull("status", workflows.status()).isEnded()) {
        throw checks.refusal(
            "status", "is %s, not Complete or Terminated".formatted(workflows.status().word()));
      }
      checks.optionalText("definitionId", workflows.definitionId());
    } else if (target instanceof Orphans orphans) {
      checks.nonNull("of", orphans.of());
    }
  }

  /** Checks the parameters of a batch. */
  public static void checkBatch(
      String operation, PurgeTarget target, int limit, @Nullable Position after) {
    check(operation, target);
    checkPage(operation, limit, after);
    if (target instanceof OldErrors
        || (target instanceof Orphans orphans && orphans.of() == Orphans.Of.COMMANDS)) {
      checkNumber(operation, after);
    }
  }

  /** Checks the parameters of a page of what a purge would delete. */
  public static void checkPage(
      String operation, PurgeTarget target, int limit, long maxBytes, @Nullable Position after) {
    checkBatch(operation, target, limit, after);
    checkHasRecords(operation, target);
    checkBytes(operation, maxBytes);
  }

  /** Checks the parameters of a page of all records. */
  public static void checkPage(
      String operation, Subject subject, int limit, long maxBytes, @Nullable Position after) {
    FieldChecks checks = new FieldChecks(operation, "");
    switch (checks.nonNull("subject", subject)) {
      case WORKFLOW, EVENT -> {}
      case ERROR -> checkNumber(operation, after);
      default ->
          throw checks.refusal("subject", "is %s, not WORKFLOW, EVENT or ERROR".formatted(subject));
    }
    checkPage(operation, limit, after);
    checkBytes(operation, maxBytes);
  }

  /** Checks the records that were exported for a target. */
  public static void checkRecords(
      String operation, PurgeTarget target, List<StoredRecord> records) {
    check(operation, target);
    checkHasRecords(operation, target);
    ValueLimits.nonNullElements(operation, "records", records);
    FieldChecks checks = new FieldChecks(operation, "");
    if (records.size() > RetentionRepository.MAX_LIMIT) {
      throw checks.refusal(
          "records",
          "has %s elements, more than %s".formatted(records.size(), RetentionRepository.MAX_LIMIT));
    }
    for (int i = 0; i < records.size(); i++) {
      if (records.get(i).kind() != target.kind()) {
        throw checks.refusal(
            FieldChecks.element("records", i), "is not of the kind " + target.kind());
      }
    }
  }

  private static void checkHasRecords(String operation, PurgeTarget target) {
    if (!(target instanceof EndedWorkflows
        || target instanceof ProcessedEvents
        || target instanceof OldErrors)) {
      throw new FieldChecks(operation, "")
          .refusal("target", "is Orphans, which cannot be exported");
    }
  }

  private static void checkPage(String operation, int limit, @Nullable Position after) {
    if (limit < 1 || limit > RetentionRepository.MAX_LIMIT) {
      throw new FieldChecks(operation, "")
          .refusal(
              "limit",
              "is %s, not between 1 and %s".formatted(limit, RetentionRepository.MAX_LIMIT));
    }
    ValueLimits.checkPosition(operation, after);
  }

  /** The ids of errors and commands are numbers. */
  private static void checkNumber(String operation, @Nullable Position after) {
    if (after != null && after.id() != null && !NUMBER.matcher(after.id()).matches()) {
      throw new FieldChecks(operation, "").refusal("after.id", "is not a number");
    }
  }

  private static void checkBytes(String operation, long maxBytes) {
    if (maxBytes < 1) {
      throw new FieldChecks(operation, "")
          .refusal("maxBytes", "is %s, less than 1".formatted(maxBytes));
    }
  }
}
