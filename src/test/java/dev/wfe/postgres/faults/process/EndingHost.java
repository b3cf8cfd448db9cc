package dev.wfe.postgres.faults.process;

import dev.wfe.host.ActivityType;
import dev.wfe.host.ActivityWorker;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A program that runs a host or an activity worker, as the documents show it: {@code URL role}.
 * What it begins does not end.
 */
public final class EndingHost {
  /** What it says when it executes a step or an activity. */
  static final String WORKING = "working";

  static final ActivityType<String, String> ACTIVITY =
      ActivityType.of("activity", String.class, String.class);

  /** What the leases and holds last, so that nothing expires meanwhile. */
  private static final Duration LONG = Duration.ofHours(1);

  private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(100);

  /** What the program runs. */
  enum Role {
    HOST,
    WORKER
  }

  private EndingHost() {}

  /** Runs until it is ended by SIGTERM, or its input ends. */
  public static void main(String[] arguments) throws Exception {
    HostProcess.endWithInput();
    PostgresOptions options = PostgresOptions.builder().poolSize(3).build();
    try (var provider = PostgresPersistenceProvider.connect(arguments[0], options)) {
      if (Role.valueOf(arguments[1]) == Role.HOST) {
        WorkflowHost.builder(provider)
            .workflow(workflow())
            .lease(LONG)
            .closeTimeout(CLOSE_TIMEOUT)
            .build()
            .run();
      } else {
        ActivityWorker.builder(provider)
            .activity(ACTIVITY, task -> work())
            .hold(LONG)
            .closeTimeout(CLOSE_TIMEOUT)
            .build()
            .run();
      }
    }
  }

  /** The definition. */
  static Workflow<String> workflow() {
    return Workflow.define("one step", 1, String.class).run("step", data -> work()).build();
  }

  private static String work() throws InterruptedException {
    System.out.println(WORKING);
    new CountDownLatch(1).await();
    return "";
  }
}
