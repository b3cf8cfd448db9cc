package dev.wfe.postgres.histories.hosts;

import dev.wfe.host.StepContext;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowBuilder;
import dev.wfe.host.WorkflowHost;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A host in a process of its own that executes workflows of some steps until its input ends: {@code
 * URL name file}. Each execution is a line in the file, which is there although the process is
 * killed.
 */
public final class DrainProgram {
  static final int STEPS = 5;

  /** Also of the leases that a killed process leaves behind. */
  static final Duration LEASE = Duration.ofSeconds(2);

  private static final int CONNECTIONS = 4;
  private static final int WORKERS = 64;

  /** The data: which one of the workflows it is. */
  record Item(int number) {}

  /** Is called by each step. */
  @FunctionalInterface
  interface Step {
    void executed(StepContext context) throws IOException;
  }

  private DrainProgram() {}

  /** Works until the input ends; fails with a stack trace. */
  public static void main(String[] arguments) throws Exception {
    PostgresOptions options =
        PostgresOptions.builder().applicationName(arguments[1]).poolSize(CONNECTIONS).build();
    try (OutputStream file = new FileOutputStream(arguments[2]);
        PostgresPersistenceProvider provider =
            PostgresPersistenceProvider.connect(arguments[0], options);
        WorkflowHost host =
            WorkflowHost.builder(provider)
                .workflow(workflow(context -> write(file, context)))
                .name(arguments[1])
                .workers(WORKERS)
                .lease(LEASE)
                .polling(Duration.ofMillis(20), Duration.ofSeconds(1))
                .build()) {
      host.start();
      System.out.println(HostProgram.STARTED);
      while (System.in.read() >= 0) {
        // What is said does not matter.
      }
    }
  }

  /** One write to the system for each line. */
  private static void write(OutputStream file, StepContext context) throws IOException {
    file.write(
        "%s %s\n"
            .formatted(context.workflowId(), context.stepName())
            .getBytes(StandardCharsets.UTF_8));
  }

  /** The definition. */
  static Workflow<Item> workflow(Step step) {
    WorkflowBuilder<Item> builder = Workflow.define("drain", 1, Item.class);
    for (int i = 1; i <= STEPS; i++) {
      builder.run("step-" + i, (Item item, StepContext context) -> step.executed(context));
    }
    return builder.build();
  }
}
