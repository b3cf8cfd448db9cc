package dev.wfe.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.internal.mapping.SampleValues;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fields are those of the Rust model, as the crate wfe-core 1.10.0 documents them. */
final class ExportTest {
  private static final List<String> INSTANCE =
      List.of(
          "id",
          "name",
          "root_workflow_id",
          "workflow_definition_id",
          "version",
          "description",
          "reference",
          "execution_pointers",
          "next_execution",
          "status",
          "data",
          "create_time",
          "complete_time");

  private static final List<String> POINTER =
      List.of(
          "id",
          "step_id",
          "active",
          "status",
          "sleep_until",
          "persistence_data",
          "start_time",
          "end_time",
          "event_name",
          "event_key",
          "event_published",
          "event_data",
          "step_name",
          "retry_count",
          "children",
          "context_item",
          "predecessor_id",
          "outcome",
          "scope",
          "extension_attributes");

  private static final List<String> EVENT =
      List.of("id", "event_name", "event_key", "event_data", "event_time", "is_processed");

  private static final List<String> SUBSCRIPTION =
      List.of(
          "id",
          "workflow_id",
          "step_id",
          "execution_pointer_id",
          "event_name",
          "event_key",
          "subscribe_as_of",
          "subscription_data",
          "external_worker_id",
          "external_token_expiry");

  private static final List<String> ERROR =
      List.of("error_time", "workflow_id", "execution_pointer_id", "message");

  private static final List<String> COMMAND = List.of("command_name", "data", "execute_time");

  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();

  private interface Part {
    long to(ExportSink sink) throws IOException;
  }

  private static List<JsonNode> lines(Part part) throws IOException {
    StringWriter written = new StringWriter();
    long count = part.to(ExportSink.to(written));
    List<JsonNode> lines = new ArrayList<>();
    for (String line : written.toString().lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertThat(lines).hasSize((int) count);
    return lines;
  }

  private static List<String> names(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> and(List<String> names, String... more) {
    return Stream.concat(names.stream(), Stream.of(more)).toList();
  }

  @Test
  void aLineHasTheFieldsOfTheRustModel() throws IOException {
    WorkflowInstance instance = SampleValues.fullInstance("w");
    store.createNewWorkflow(instance);
    EventSubscription subscription =
        SampleValues.fullSubscription("s").toBuilder()
            .workflowId("w")
            .externalToken("secret")
            .build();
    store.createEventSubscription(subscription);
    store.persistErrors(List.of(new ExecutionError(Instant.EPOCH, "w", "p", "m")));
    store.scheduleCommand(ScheduledCommand.processWorkflow("w", 7));
    store.createEvent(SampleValues.fullEvent("e"));
    Export export = Export.of(store);

    JsonNode workflow = lines(export::workflows).get(0);

    assertThat(names(workflow))
        .containsExactlyInAnyOrderElementsOf(and(INSTANCE, "subscriptions", "errors", "commands"));
    assertThat(names(workflow.get("execution_pointers").get(0)))
        .containsExactlyInAnyOrderElementsOf(POINTER);
    assertThat(names(workflow.get("subscriptions").get(0)))
        .containsAll(SUBSCRIPTION)
        .isSubsetOf(and(SUBSCRIPTION, "excluded_event_ids"));
    assertThat(names(workflow.get("errors").get(0)))
        .containsExactlyInAnyOrderElementsOf(and(ERROR, "id"));
    assertThat(names(workflow.get("commands").get(0))).containsExactlyInAnyOrderElementsOf(COMMAND);
    assertThat(workflow.toString()).doesNotContain("secret");
    assertThat(workflow.get("status").textValue()).isEqualTo(instance.status().word());
    StringWriter line = new StringWriter();
    export.workflows(ExportSink.to(line));
    assertThat(line.toString()).contains("\"data\":" + instance.data() + ",");
    assertThat(workflow.get("create_time").textValue())
        .isEqualTo(String.valueOf(instance.createTime()));
    assertThat(names(lines(export::events).get(0))).containsExactlyInAnyOrderElementsOf(EVENT);
    assertThat(names(lines(export::errors).get(0)))
        .containsExactlyInAnyOrderElementsOf(and(ERROR, "id"));
  }

  @Test
  void absentFieldsAreLeftOut() throws IOException {
    store.createNewWorkflow(WorkflowInstance.builder("d", 1).id("w").nextExecution(null).build());

    assertThat(names(lines(Export.of(store)::workflows).get(0)))
        .doesNotContain(
            "root_workflow_id", "description", "reference", "next_execution", "complete_time");
  }

  @Test
  void everyPageIsExported() throws IOException {
    for (int i = 0; i < 250; i++) {
      store.createEvent(Event.builder("paid", "1").id("e" + i).build());
    }

    assertThat(lines(Export.of(store)::events)).hasSize(250);
    assertThat(lines(Export.of(store)::workflows)).isEmpty();
  }
}
