package dev.wfe.host;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random definition, and a checker that knows what its execution has to lead to. The same seed
 * gives the same definition.
 *
 * <p>Every call, update and delivered event appends an entry to the data, so the data shows what
 * was merged, and in which order. Steps report their executions to a {@link Listener}. Failures are
 * part of the definition: a step fails a fixed number of times. Immutable and thread-safe.
 */
public final class RandomWorkflow {
  /**
   * How many topics an instance waits for. Events of an instance have keys that begin with its id.
   */
  public static final int TOPICS = 2;

  public static final EventType<Integer> SIGNAL = EventType.of("signal", Integer.class);

  private static final int MAX_DEPTH = 3;
  private static final Duration NEVER = Duration.ofDays(10_000);

  private final long seed;
  private final List<Block> blocks;
  private final Workflow<Trace> workflow;
  private int names;

  /** The data: the instance's id, and what was merged. */
  public record Trace(String id, List<String> entries) {
    public Trace(String id, List<String> entries) {
      this.id = id;
      this.entries = List.copyOf(entries);
    }

    Trace and(String entry) {
      List<String> more = new ArrayList<>(entries);
      more.add(entry);
      return new Trace(id, more);
    }

    boolean isEven() {
      return entries.size() % 2 == 0;
    }
  }

  /** Is called by the steps. */
  public interface Listener {
    /**
     * A step is executed.
     *
     * @param failures how many times the step has to fail before it succeeds
     * @throws Exception if the step has to fail
     */
    void executed(StepContext context, int failures) throws Exception;

    /** As {@link #executed}, in the step's transaction. */
    default void executedInTransaction(TransactionContext transaction, int failures)
        throws Exception {
      executed(transaction, failures);
    }
  }

  /** What became of the executions of steps. */
  public interface Attempts {
    /** How often the step has failed because the definition says so. */
    int plannedFailures(String workflowId, String stepName);

    /** How often the step has failed for another reason, such as a broken connection. */
    int otherFailures(String workflowId, String stepName);

    /** How often the step was executed, and nobody knows with which result. */
    int withoutOutcome(String workflowId, String stepName, boolean isComplete);
  }

  /** Part of a definition. */
  private sealed interface Block {
    String name();
  }

  private enum Kind {
    RUN,
    CALL,
    TRANSACTION
  }

  private record Execute(
      String name, Kind kind, int failures, int attempts, AfterLastAttempt afterLast)
      implements Block {}

  private record Update(String name) implements Block {}

  private record Delay(String name, Duration time) implements Block {}

  private record When(String name, List<Block> yes, List<Block> no) implements Block {}

  private record Await(String name, int topic, Duration limit, List<Block> late) implements Block {}

  /** Creates the definition of the seed. */
  public RandomWorkflow(long seed, Listener log) {
    this(seed, 1, log);
  }

  /**
   * Creates the definition of the seed and the size.
   *
   * @param size how many blocks are in a row at least
   */
  public RandomWorkflow(long seed, int size, Listener log) {
    this.seed = seed;
    Random random = new Random(seed);
    blocks = blocks(random, 0, size + random.nextInt(8));
    WorkflowBuilder<Trace> builder = Workflow.define("random " + seed, 1, Trace.class);
    blocks.forEach(block -> add(builder, block, log));
    workflow = builder.build();
  }

  public Workflow<Trace> workflow() {
    return workflow;
  }

  /** The key of an instance's events of a topic. */
  public static String key(String id, int topic) {
    return id + "/" + topic;
  }

  private List<Block> blocks(Random random, int depth, int count) {
    List<Block> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(block(random, depth));
    }
    return list;
  }

  private Block block(Random random, int depth) {
    int names = this.names++;
    int kind = random.nextInt(depth == MAX_DEPTH ? 5 : 8);
    return switch (kind) {
      case 0, 1 -> execute(random, names);
      case 2 -> new Update("update " + names);
      case 3 -> new Delay("delay " + names, Duration.ofMillis(random.nextInt(4)));
      case 4, 5 ->
          new Await(
              "await " + names,
              random.nextInt(TOPICS),
              random.nextInt(3) == 0 ? Duration.ofMillis(1 + random.nextInt(30)) : NEVER,
              blocks(random, MAX_DEPTH - 1 + depth / 2, random.nextInt(2)));
      default ->
          new When(
              "when " + names,
              blocks(random, depth + 1, random.nextInt(4)),
              blocks(random, depth + 1, random.nextInt(3)));
    };
  }

  private static Execute execute(Random random, int names) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    int failures = Math.max(0, random.nextInt(8) - 4);
    AfterLastAttempt afterLast =
        switch (random.nextInt(12)) {
          case 0 -> AfterLastAttempt.TERMINATE;
          case 1, 2, 3 -> AfterLastAttempt.CONTINUE;
          default -> AfterLastAttempt.SUSPEND;
        };
    return new Execute("execute " + names, kind, failures, 1 + random.nextInt(4), afterLast);
  }

  private static void add(Steps<Trace, ?> steps, Block block, Listener log) {
    if (block instanceof Execute execute) {
      add(steps, execute, log);
    } else if (block instanceof Update update) {
      steps.update(update.name(), trace -> trace.and(update.name()));
    } else if (block instanceof Delay delay) {
      steps.delay(delay.name(), delay.time());
    } else if (block instanceof When when) {
      steps.when(
          when.name(),
          Trace::isEven,
          yes -> when.yes().forEach(inner -> add(yes, inner, log)),
          no -> when.no().forEach(inner -> add(no, inner, log)));
    } else if (block instanceof Await await) {
      steps.await(
          await.name(),
          SIGNAL,
          trace -> key(trace.id(), await.topic()),
          (trace, signal) -> trace.and(await.name() + "=" + signal),
          Timeout.after(await.limit())
              .branch(late -> await.late().forEach(inner -> add(late, inner, log))));
    }
  }

  private static void add(Steps<Trace, ?> steps, Execute execute, Listener log) {
    StepOption[] options = {
      RetryPolicy.fixed(Duration.ofMillis(1)).maxAttempts(execute.attempts()), execute.afterLast()
    };
    switch (execute.kind()) {
      case RUN ->
          steps.run(
              execute.name(),
              (Trace trace, StepContext context) -> log.executed(context, execute.failures()),
              options);
      case CALL ->
          steps.call(
              execute.name(),
              (Trace trace, StepContext context) -> {
                log.executed(context, execute.failures());
                return execute.name();
              },
              Trace::and,
              options);
      case TRANSACTION ->
          steps.callInTransaction(
              execute.name(),
              (trace, transaction) -> {
                log.executedInTransaction(transaction, execute.failures());
                return execute.name();
              },
              Trace::and,
              options);
      default -> throw new IllegalStateException();
    }
  }

  /** What the executions of an ended instance had to be. */
  private static final class Walk {
    private final Trace start;
    private final Iterator<StepState> steps;
    private final Attempts attempts;
    private final List<String> problems = new ArrayList<>();
    private final TreeMap<Integer, Integer> consumed = new TreeMap<>();
    private final List<String> actual;
    private Trace expected;
    private boolean isTerminated;

    Walk(WorkflowState<Trace> state, Attempts attempts) {
      this.start = new Trace(state.id(), List.of());
      this.expected = start;
      this.steps = state.steps().iterator();
      this.actual = state.data().entries();
      this.attempts = attempts;
    }

    void all(List<Block> blocks) {
      for (Block block : blocks) {
        if (isTerminated || !problems.isEmpty()) {
          return;
        }
        one(block);
      }
    }

    private void one(Block block) {
      if (!steps.hasNext()) {
        problems.add("'%s' is missing".formatted(block.name()));
        return;
      }
      StepState step = steps.next();
      if (!step.name().equals(block.name())) {
        problems.add("'%s' follows instead of '%s'".formatted(step.name(), block.name()));
      } else if (block instanceof Execute execute) {
        execute(execute, step);
      } else if (block instanceof Update) {
        complete(step);
        expected = expected.and(block.name());
      } else if (block instanceof Delay) {
        complete(step);
      } else if (block instanceof When when) {
        complete(step);
        all(expected.isEven() ? when.yes() : when.no());
      } else if (block instanceof Await await) {
        await(await, step);
      }
    }

    private void complete(StepState step) {
      if (step.status() != PointerStatus.COMPLETE) {
        problems.add("'%s' is %s".formatted(step.name(), step.status()));
      }
    }

    private void execute(Execute execute, StepState step) {
      boolean isComplete = step.status() == PointerStatus.COMPLETE;
      int planned = attempts.plannedFailures(start.id(), execute.name());
      int failures = planned + attempts.otherFailures(start.id(), execute.name());
      boolean isRetried = execute.afterLast() == AfterLastAttempt.SUSPEND;
      if (attempts.withoutOutcome(start.id(), execute.name(), isComplete) > 0) {
        problems.add("'%s' was executed too often".formatted(step.name()));
      }
      if (isComplete
          && planned == execute.failures()
          && (isRetried || failures < execute.attempts())) {
        if (execute.kind() != Kind.RUN) {
          expected = expected.and(execute.name());
        }
      } else if (step.status() == PointerStatus.FAILED
          && !isRetried
          && planned <= execute.failures()
          && failures == execute.attempts()) {
        isTerminated = execute.afterLast() == AfterLastAttempt.TERMINATE;
      } else {
        problems.add(
            "'%s' is %s after %s planned failures of %s"
                .formatted(step.name(), step.status(), planned, failures));
      }
    }

    private void await(Await await, StepState step) {
      if (step.status() == PointerStatus.SKIPPED && !await.limit().equals(NEVER)) {
        all(await.late());
        return;
      }
      complete(step);
      int next = consumed.merge(await.topic(), 1, Integer::sum) - 1;
      expected = expected.and(await.name() + "=" + next);
    }

    List<String> end(WorkflowStatus status) {
      if (problems.isEmpty()) {
        steps.forEachRemaining(step -> problems.add("'%s' is too much".formatted(step.name())));
      }
      WorkflowStatus right = isTerminated ? WorkflowStatus.TERMINATED : WorkflowStatus.COMPLETE;
      if (status != right) {
        problems.add("The status is %s".formatted(status));
      }
      if (problems.isEmpty() && !actual.equals(expected.entries())) {
        problems.add("The data is %s, not %s".formatted(actual, expected.entries()));
      }
      return problems;
    }
  }

  /**
   * Compares an ended instance with the definition: its steps and their order, its data, the events
   * that its waits consumed (0, 1, 2 … for each topic), and how often steps have failed.
   *
   * @return what is wrong; empty if nothing is
   */
  public List<String> problems(WorkflowState<Trace> state, Attempts attempts) {
    Walk walk = new Walk(state, attempts);
    walk.all(blocks);
    return walk.end(state.status());
  }

  @Override
  public String toString() {
    return "seed %s: %s".formatted(seed, blocks);
  }
}
