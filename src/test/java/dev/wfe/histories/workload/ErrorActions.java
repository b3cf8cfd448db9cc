package dev.wfe.histories.workload;

import dev.wfe.histories.OperationNames;
import dev.wfe.model.ExecutionError;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Persists errors, several at a time. Not thread-safe. */
public final class ErrorActions implements Actions {
  private static final int MAX_ERRORS = 4;

  private final Caller caller;

  ErrorActions(Caller caller) {
    this.caller = caller;
  }

  @Override
  public void step() {
    String write = caller.recorder().unique();
    List<String> messages = messages(write, 1 + caller.random().nextInt(MAX_ERRORS));
    List<ExecutionError> errors =
        messages.stream().map(message -> ExecutionError.now("none", "none", message)).toList();
    caller
        .recorder()
        .call(
            OperationNames.PERSIST_ERRORS,
            write,
            Map.of("count", Integer.toString(errors.size())),
            () -> caller.provider().persistErrors(errors));
  }

  /** Of the errors of one call. */
  public static List<String> messages(String write, int count) {
    return IntStream.range(0, count).mapToObj(number -> write + "/" + number).toList();
  }
}
