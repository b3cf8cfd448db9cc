package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import java.util.Map;

/** Takes numbers from sequences. Not thread-safe. */
final class SequenceActions implements Actions {
  private static final int KEYS = 2;

  private final Caller caller;

  SequenceActions(Caller caller) {
    this.caller = caller;
  }

  @Override
  public void step() {
    String definition = "definition-" + caller.random().nextInt(KEYS);
    caller
        .recorder()
        .call(
            OperationNames.NEXT_SEQUENCE,
            definition,
            Map.of(),
            () -> caller.provider().nextDefinitionSequence(definition),
            number -> number);
  }
}
