package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.persistence.ItemResult;
import java.util.Map;
import picocli.CommandLine.Command;

/** Ends workflows. */
@Command(
    name = "terminate",
    description = {
      "Ends workflows and their child workflows: they wait for nothing any more. Steps under way end. Cannot be undone, except by 'wfe rerun'.",
      ""
    })
final class Terminate extends ChangeWorkflows<Boolean> {
  @Override
  String verb() {
    return "terminate";
  }

  @Override
  Map<String, ItemResult<Boolean>> change(BulkControl workflows) {
    return workflows.terminate();
  }

  @Override
  boolean hadEffect(Boolean result) {
    return result;
  }
}
