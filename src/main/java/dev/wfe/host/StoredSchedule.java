package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as it is stored: the data of an instance. The definition of the instance belongs to
 * the workflow that is started, so only hosts that know the workflow claim it. Immutable.
 *
 * @param declaration what was declared
 * @param last the time for which the last workflow was started, or null
 */
record StoredSchedule(JsonNode declaration, @Nullable Instant last) {
  private static final String ID = "wfe.schedule/";
  private static final String DEFINITION = "wfe.schedule:";

  private static final String DECLARATION = "schedule";
  private static final String LAST = "last";
  private static final String NAME = "name";
  private static final String CRON = "cron";
  private static final String ZONE = "zone";
  private static final String EVERY = "every";
  private static final String LIMIT = "missedLimit";
  private static final String LATE = "missedLate";
  private static final String OVERLAP = "overlap";
  private static final String PLANNED_TIME = "plannedTime";
  private static final String DATA = "data";

  /** The id of the instance. */
  static String id(String name) {
    return ID + name;
  }

  /** An id that is at least as long as all that derive from the name. */
  static String longestId(String name) {
    return id(runId(name, Instant.MAX));
  }

  private static String runId(String name, Instant time) {
    return name + "/" + time;
  }

  /** The definition of the schedules of a workflow. */
  static DefinitionVersion definition(String workflowId) {
    return new DefinitionVersion(DEFINITION + workflowId, 1);
  }

  /** Whether the definition is one of schedules. */
  static boolean isDefinition(String definitionId) {
    return definitionId.startsWith(DEFINITION);
  }

  /** The id of the workflow whose schedules have the definition. */
  static String workflowId(String definitionId) {
    return definitionId.substring(DEFINITION.length());
  }

  /**
   * Returns the stored form of the schedule.
   *
   * @throws WorkflowDefinitionException if Jackson cannot write the data, or read it again
   */
  static <D> StoredSchedule of(Schedule<D> schedule, HostJson json) {
    ObjectNode declaration = JsonNodeFactory.instance.objectNode();
    declaration.put(NAME, schedule.name());
    if (schedule.recurrence() instanceof CronRecurrence cron) {
      declaration.put(CRON, cron.text()).put(ZONE, cron.zone().getId());
    } else if (schedule.recurrence() instanceof IntervalRecurrence every) {
      declaration.put(EVERY, every.interval().toString());
    }
    Schedule.Options options = schedule.options();
    declaration.put(LIMIT, options.missed().limit()).put(OVERLAP, options.overlap().name());
    if (options.missed().late() != null) {
      declaration.put(LATE, options.missed().late().toString());
    }
    if (options.plannedTime() != null) {
      declaration.put(PLANNED_TIME, options.plannedTime().field());
    }
    try {
      declaration.set(DATA, json.write(schedule.data()));
      StoredSchedule stored = new StoredSchedule(declaration, null);
      stored.requireReadable(schedule, json);
      return stored;
    } catch (UnreadableDataException | IllegalArgumentException unmappable) {
      throw new WorkflowDefinitionException(
          "Schedule '%s': the data cannot be stored: %s"
              .formatted(schedule.name(), Failures.message(unmappable)),
          unmappable);
    }
  }

  private <D> void requireReadable(Schedule<D> schedule, HostJson json) {
    String field = plannedTime();
    if (field != null && !declaration.path(DATA).isObject()) {
      throw new WorkflowDefinitionException(
          "Schedule '%s': the data is no JSON object, and has no field '%s'"
              .formatted(schedule.name(), field));
    }
    D read = json.read(dataFor(Instant.EPOCH), schedule.workflow().graph().dataType());
    if (field != null && !json.write(read).hasNonNull(field)) {
      throw new WorkflowDefinitionException(
          "Schedule '%s': the class of the data has no field '%s'"
              .formatted(schedule.name(), field));
    }
  }

  static StoredSchedule of(JsonNode json) {
    String last = json.path(LAST).asText(null);
    return new StoredSchedule(json.path(DECLARATION), last == null ? null : Instant.parse(last));
  }

  JsonNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set(DECLARATION, declaration);
    if (last != null) {
      json.put(LAST, last.toString());
    }
    return json;
  }

  /** The schedule after a workflow was started for the time. */
  StoredSchedule started(Instant time) {
    return new StoredSchedule(declaration, time);
  }

  String name() {
    return declaration.path(NAME).asText();
  }

  /** The times, as text. */
  String times() {
    return declaration.has(CRON)
        ? CronRecurrence.text(declaration.path(CRON).asText(), declaration.path(ZONE).asText())
        : "every " + declaration.path(EVERY).asText();
  }

  Recurrence recurrence() {
    return declaration.has(CRON)
        ? Recurrence.cron(
            declaration.path(CRON).asText(), ZoneId.of(declaration.path(ZONE).asText()))
        : Recurrence.every(Duration.parse(declaration.path(EVERY).asText()));
  }

  /** Whether the times are those of the other schedule. */
  boolean hasTimesOf(StoredSchedule other) {
    return declaration.path(CRON).equals(other.declaration.path(CRON))
        && declaration.path(ZONE).equals(other.declaration.path(ZONE))
        && declaration.path(EVERY).equals(other.declaration.path(EVERY));
  }

  MissedStarts missed() {
    String late = declaration.path(LATE).asText(null);
    return late == null
        ? MissedStarts.all(declaration.path(LIMIT).asInt())
        : MissedStarts.notLaterThan(Duration.parse(late));
  }

  boolean allowsOverlap() {
    return !declaration.path(OVERLAP).asText().equals(Overlap.SKIP.name());
  }

  private @Nullable String plannedTime() {
    return declaration.path(PLANNED_TIME).asText(null);
  }

  /** The id of the workflow that is started for the time. */
  String runId(Instant time) {
    return runId(name(), time);
  }

  /** The data with which the workflow for the time is started. */
  JsonNode dataFor(Instant time) {
    JsonNode data = declaration.path(DATA);
    String field = plannedTime();
    return field == null ? data : data.<ObjectNode>deepCopy().put(field, time.toString());
  }
}
