package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.persistence.ItemResult;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lets suspended workflows go on. */
@Command(
    name = "resume",
    description = {
      "Lets suspended workflows go on. Steps that have failed for the last time stay failed: use 'wfe retry' for them.",
      ""
    })
final class Resume extends ChangeWorkflows<Boolean> {
  @Override
  String verb() {
    return "resume";
  }

  @Override
  Map<String, ItemResult<Boolean>> change(BulkControl workflows) {
    return workflows.resume();
  }

  @Override
  boolean hadEffect(Boolean result) {
    return result;
  }
}
