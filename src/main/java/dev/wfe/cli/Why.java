package dev.wfe.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.host.Explanation;
import dev.wfe.host.WorkflowClient;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Explains why a workflow does not go on. */
@Command(
    name = "why",
    description = {
      "Explains why a workflow does or does not go on: it is leased, suspended, due and unclaimed, or"
          + " its steps sleep or wait, and for what. Events of the awaited name with another key are"
          + " shown. For one that is due: whether a live host executes its definition, and which limit"
          + " holds it back.",
      ""
    })
final class Why extends StoreCommand {
  @Parameters(paramLabel = "ID", description = "the id or the name of the workflow")
  private String id = "";

  @Override
  int run(PostgresPersistenceProvider provider) {
    String found = Show.instance(provider, id).id();
    Explanation explanation = WorkflowClient.over(provider).explain(found);
    RowPrinter printer = printer();
    if (printer.format() == OutputFormat.CSV) {
      printer.print(
          List.of(
              Column.of("reason", reason -> reason.getClass().getSimpleName()),
              Column.of("explanation", Explanation.Reason::toString)),
          explanation.reasons());
    } else {
      printer.print(json(explanation), lines(explanation));
    }
    return 0;
  }

  private static List<String> lines(Explanation explanation) {
    List<String> lines = new ArrayList<>();
    lines.add(
        PrintableText.of(
            "%s (%s:%s, %s)"
                .formatted(
                    explanation.id(),
                    explanation.workflowDefinitionId(),
                    explanation.version(),
                    explanation.status().word())));
    explanation.reasons().forEach(reason -> lines.add("  " + PrintableText.of(reason.toString())));
    if (explanation.reasons().isEmpty()) {
      lines.add("  is not scheduled and waits for nothing: only a call such as retry wakes it");
    }
    return lines;
  }

  private static ObjectNode json(Explanation explanation) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", explanation.id());
    json.put("name", explanation.name());
    json.put("definition", explanation.workflowDefinitionId());
    json.put("version", explanation.version());
    json.put("status", explanation.status().word());
    ArrayNode reasons = json.putArray("reasons");
    explanation
        .reasons()
        .forEach(
            reason ->
                reasons
                    .addObject()
                    .put("reason", reason.getClass().getSimpleName())
                    .put("explanation", reason.toString()));
    return json;
  }
}
