package dev.wfe.cli;

import dev.wfe.host.BulkControl;
import dev.wfe.host.StepState;
import dev.wfe.persistence.ItemResult;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs workflows again from a step. */
@Command(
    name = "rerun",
    description = {
      "Runs workflows again from a step, also if they have ended. The last execution of the step and"
          + " what followed from it are discarded; the data stays as it is.",
      ""
    })
final class Rerun extends ChangeWorkflows<List<StepState>> {
  @Option(
      names = "--step",
      required = true,
      paramLabel = "STEP",
      description = "the name of the step, for its last execution, or the id of an execution")
  private String step = "";

  @Override
  String verb() {
    return "rerun";
  }

  @Override
  Map<String, ItemResult<List<StepState>>> change(BulkControl workflows) {
    return workflows.rerun(step);
  }

  @Override
  boolean hadEffect(List<StepState> discarded) {
    return true;
  }
}
