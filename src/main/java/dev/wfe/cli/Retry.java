package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.persistence.ItemResult;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lets failed steps go on. */
@Command(
    name = "retry",
    description = {
      "Lets workflows go on with the steps that failed for the last time: these steps get all their attempts again. Has no effect on workflows without such a step.",
      ""
    })
final class Retry extends ChangeWorkflows<Integer> {
  @Override
  String verb() {
    return "retry";
  }

  @Override
  Map<String, ItemResult<Integer>> change(BulkControl workflows) {
    return workflows.retry();
  }

  @Override
  boolean hadEffect(Integer result) {
    return result > 0;
  }
}
