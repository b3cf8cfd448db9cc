package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.persistence.ItemResult;
import java.util.Map;
import picocli.CommandLine.Command;

/** Suspends workflows. */
@Command(
    name = "suspend",
    description = {
      "Suspends workflows: no further step begins. Steps under way end, and their outcomes are stored. Has no effect on those that have ended.",
      ""
    })
final class Suspend extends ChangeWorkflows<Boolean> {
  @Override
  String verb() {
    return "suspend";
  }

  @Override
  Map<String, ItemResult<Boolean>> change(BulkControl workflows) {
    return workflows.suspend();
  }

  @Override
  boolean hadEffect(Boolean result) {
    return result;
  }
}
