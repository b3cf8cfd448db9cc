package dev.wfe.histories.workload;

import dev.wfe.histories.History;
import dev.wfe.histories.HistoryFiles;
import dev.wfe.histories.OperationNames;
import dev.wfe.histories.Recorder;
import dev.wfe.histories.TestRun;
import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.PersistenceProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of a history: everything that can be delivered and handled is, and everything that was
 * ever written is read. Recorded as part of the history.
 */
public final class Drain {
  /** What the names of its calls begin with. */
  public static final String NAME = "drain";

  private static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MANY = 1_000;

  private final Caller caller;
  private final TestRun testRun;

  private Drain(Caller caller, TestRun testRun) {
    this.caller = caller;
    this.testRun = testRun;
  }

  /**
   * Drains the store.
   *
   * @param patience how long to wait for commands that dead workers have claimed
   */
  public static void run(
      PersistenceProvider provider, Path folder, TestRun testRun, Duration patience) {
    History history = HistoryFiles.read(folder);
    try (Recorder recorder = new Recorder(folder, NAME)) {
      Drain drain = new Drain(new Caller(provider, recorder, new Random(0)), testRun);
      drain.events();
      drain.commands(patience);
      drain.readAll(history);
      drain.errors();
    }
  }

  private void events() {
    Delivery delivery = new Delivery(caller);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (delivery.deliverSome(MANY) > 0) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("There are events that cannot be marked processed");
      }
    }
  }

  private void commands(Duration patience) {
    CommandActions commands = new CommandActions(caller, () -> {});
    long deadline = System.nanoTime() + patience.toNanos();
    boolean goesOn = true;
    while (goesOn) {
      while (commands.process(LATE, false) > 0) {
        // Until there is none.
      }
      goesOn = System.nanoTime() - deadline < 0 && !testRun.leftCommands().isEmpty();
      if (goesOn) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
      }
    }
    for (String left : testRun.leftCommands()) {
      caller.recorder().call(OperationNames.LEFT, left, Map.of(), () -> {});
    }
  }

  private void errors() {
    caller
        .recorder()
        .call(
            OperationNames.STORED_ERRORS,
            "",
            Map.of(),
            testRun::storedErrors,
            messages -> messages);
  }

  private void readAll(History history) {
    for (String id : history.byKey(OperationNames.CREATE).keySet()) {
      InstanceActions.read(caller, OperationNames.READ, id);
      InstanceActions.read(caller, OperationNames.READ_BY_NAME, id);
      InstanceActions.read(caller, OperationNames.READ_MANY, id);
    }
    for (String id : history.byKey(OperationNames.PUBLISH).keySet()) {
      new Delivery(caller).read(id);
    }
    for (String id : history.byKey(OperationNames.SUBSCRIBE).keySet()) {
      caller
          .recorder()
          .call(
              OperationNames.READ_SUBSCRIPTION,
              id,
              Map.of(),
              () -> caller.provider().getSubscription(id),
              EventSubscription::externalToken);
    }
    for (String definition : history.byKey(OperationNames.NEXT_SEQUENCE).keySet()) {
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
}
