package dev.wfe.postgres.faults.process;

import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.WriteCall;
import dev.wfe.postgres.faults.WriteCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A host that makes all write calls at the same time, each in a thread of its own: {@code URL
 * throughURL run}. What they need is stored before, by the first URL.
 */
public final class WritingHost {
  /** Of its sessions while it makes the calls. */
  static final String APPLICATION = "killed-host";

  private WritingHost() {}

  /** The calls; that of the last, which empties the store, leaves no room for the others. */
  static List<WriteCall> calls() {
    return WriteCalls.all().filter(call -> !call.name().equals("truncateAll")).toList();
  }

  /** What the call is about in the run. */
  static String key(String run, WriteCall call) {
    return run + "-" + call.name().replace(' ', '-');
  }

  /** Runs until it is killed, or its input ends. */
  public static void main(String[] arguments) throws Exception {
    List<WriteCall> calls = calls();
    List<Consumer<PostgresPersistenceProvider>> prepared = new ArrayList<>();
    try (PostgresPersistenceProvider straight = PostgresPersistenceProvider.connect(arguments[0])) {
      for (WriteCall call : calls) {
        prepared.add(call.preparation().by(straight, key(arguments[2], call)));
      }
    }
    PostgresPersistenceProvider through =
        PostgresPersistenceProvider.connect(
            arguments[1],
            PostgresOptions.builder()
                .applicationName(APPLICATION)
                .poolSize(calls.size())
                .statementTimeout(Duration.ofMinutes(5))
                .build());
    HostProcess.callWhenTold(
        () -> prepared.forEach(call -> new Thread(() -> call.accept(through)).start()));
  }
}
