package dev.wfe.host;

import dev.wfe.model.PointerStatus;
import dev.wfe.model.Priority;
import dev.wfe.model.WorkflowStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

  /** How many instances of a definition with limits may be executed at a time. */
  public static final int CONCURRENCY = 2;

  private static final List<Priority> PRIORITIES = List.of(Priority.values());
  private static final int MAX_DEPTH = 3;
  private static final Duration NEVER = Duration.ofDays(10_000);

  private final long seed;
  private final Listener log;
  private final List<Block> blocks;
  private final Workflow<Trace> workflow;
  private final boolean isSequential;
  private int names;
  private int sagas;

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

    private long count(String entry) {
      return entries.stream().filter(entry::equals).count();
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

  /** What became of the attempts of a step. Its id is that of its {@link StepState}. */
  public interface Attempts {
    /** How often the step has failed because the definition says so. */
    int plannedFailures(String id);

    /** How often the step has failed for another reason, such as a broken connection. */
    int otherFailures(String id);

    /** How often the step was executed, and nobody knows with which result. */
    int withoutOutcome(String id, boolean isComplete);
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

  /** A step that has a compensation if it is in a saga; it adds an entry to the data. */
  private sealed interface Undoable extends Block {
    boolean isInSaga();

    default String undo() {
      return "undo " + name();
    }
  }

  private record Execute(
      String name,
      Kind kind,
      int failures,
      int attempts,
      AfterLastAttempt afterLast,
      boolean isInSaga)
      implements Undoable {}

  private record Update(String name) implements Block {}

  private record Delay(String name, Duration time) implements Block {}

  /** A decision by what the data contains; or by the id, because branches change the data. */
  private record When(String name, boolean byData, List<Block> yes, List<Block> no)
      implements Block {
    boolean holds(Trace trace) {
      return (byData ? trace.entries().size() : (trace.id() + name).hashCode()) % 2 == 0;
    }
  }

  private record Switch(String name, int cases, List<List<Block>> branches) implements Block {
    int value(Trace trace) {
      return Math.floorMod((trace.id() + name).hashCode(), cases + 1);
    }
  }

  private record Parallel(String name, List<List<Block>> branches) implements Block {}

  private record While(String name, int times, List<Block> body) implements Block {
    boolean holds(Trace trace) {
      return trace.count(name) < times;
    }
  }

  /** A saga without branches and items, so that its steps have one order. */
  private record Saga(String name, List<Block> body, boolean fails, List<Block> compensated)
      implements Block {
    String failure() {
      return name + " failure";
    }
  }

  private record ForEach(String name, int items, int concurrency, List<Block> body)
      implements Block {
    List<Trace> items(Trace trace) {
      return IntStream.range(0, items)
          .mapToObj(i -> new Trace(trace.id(), List.of(String.valueOf(i))))
          .toList();
    }

    /** Branches of an item may have ended in any order. */
    Trace merge(Trace trace, Trace item) {
      return trace.and(name + item.entries().stream().sorted().toList());
    }
  }

  /** A workflow of its own, which may end by a step that fails. */
  private record Child(String name, Workflow<Trace> workflow, boolean fails, boolean isInSaga)
      implements Undoable {
    static final List<String> ENTRIES = List.of("first", "second");

    static Child of(String name, long seed, boolean fails, boolean isInSaga, Listener log) {
      return new Child(
          name,
          Workflow.define("random %s %s".formatted(seed, name), 1, Trace.class)
              .update(ENTRIES.get(0), trace -> trace.and(ENTRIES.get(0)))
              .delay("pause", Duration.ofMillis(1))
              .call(
                  ENTRIES.get(1),
                  (Trace trace, StepContext context) -> {
                    log.executed(context, fails ? 1 : 0);
                    return ENTRIES.get(1);
                  },
                  Trace::and,
                  RetryPolicy.none(),
                  AfterLastAttempt.TERMINATE)
              .build(),
          fails,
          isInSaga);
    }

    Trace merge(Trace trace, Trace child) {
      return trace.and(name + child.entries());
    }
  }

  /** Only where no branch goes on beside it. */
  private record End(String name) implements Block {}

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
    this.log = log;
    Random random = new Random(seed);
    isSequential = random.nextInt(4) == 0;
    blocks = blocks(random, 0, size + random.nextInt(8));
    WorkflowBuilder<Trace> builder = define("random " + seed, seed);
    blocks.forEach(block -> add(builder, block, log));
    workflow = builder.build();
  }

  /** Half of the definitions have limits, and priorities that depend on the instance. */
  private static WorkflowBuilder<Trace> define(String id, long seed) {
    return seed % 2 == 0
        ? Workflow.define(id, 1, Trace.class)
        : Workflow.define(
            id,
            1,
            Trace.class,
            WorkflowOption.concurrency(CONCURRENCY),
            WorkflowOption.concurrencyPerKey(1, trace -> "key " + number(trace, 3)),
            WorkflowOption.priority(trace -> PRIORITIES.get(number(trace, 3))));
  }

  private static int number(Trace trace, int bound) {
    return Math.floorMod(trace.id().hashCode(), bound);
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
    int kind = random.nextInt(depth >= MAX_DEPTH ? 7 : isSequential || sagas > 0 ? 11 : 14);
    return switch (kind) {
      case 0, 1 -> execute(random, names);
      case 2 -> new Update("update " + names);
      case 3 -> new Delay("delay " + names, Duration.ofMillis(random.nextInt(4)));
      case 4, 5 ->
          new Await(
              "await " + names,
              random.nextInt(TOPICS),
              random.nextInt(3) == 0 ? Duration.ofMillis(1 + random.nextInt(30)) : NEVER,
              blocks(random, Math.max(depth, MAX_DEPTH - 1 + depth / 2), random.nextInt(2)));
      case 6 -> Child.of("child " + names, seed, random.nextInt(4) == 0, sagas > 0, log);
      case 7 -> new Switch("switch " + names, 2, lists(random, depth + 1, 3, random.nextInt(2)));
      case 8 ->
          new While(
              "while " + names, random.nextInt(4), blocks(random, depth + 1, random.nextInt(3)));
      case 9 ->
          new When(
              "when " + names,
              isSequential,
              yes(random, depth + 1, names),
              blocks(random, depth + 1, random.nextInt(3)));
      case 10 -> saga(random, depth, names);
      case 11 ->
          new Parallel("parallel " + names, lists(random, depth + 1, 1 + random.nextInt(3), 1));
      default -> forEach(random, depth, names);
    };
  }

  /** An end stands only where something can follow its branch. */
  private List<Block> yes(Random random, int depth, int names) {
    List<Block> blocks = new ArrayList<>(blocks(random, depth, random.nextInt(4)));
    if (isSequential && random.nextInt(6) == 0) {
      blocks.add(new End("end " + names));
    }
    return blocks;
  }

  private List<List<Block>> lists(Random random, int depth, int lists, int least) {
    return IntStream.range(0, lists)
        .mapToObj(i -> blocks(random, depth, least + random.nextInt(2)))
        .toList();
  }

  private Saga saga(Random random, int depth, int names) {
    sagas++;
    List<Block> body = blocks(random, depth + 1, 1 + random.nextInt(3));
    sagas--;
    return new Saga(
        "saga " + names,
        body,
        random.nextInt(3) == 0,
        blocks(random, depth + 1, random.nextInt(2)));
  }

  /** Items that are under way at the same time wait for nothing: any could get an event first. */
  private ForEach forEach(Random random, int depth, int names) {
    int concurrency = 1 + random.nextInt(3);
    List<Block> body = blocks(random, depth + 2, 1 + random.nextInt(2));
    return new ForEach(
        "for each " + names,
        random.nextInt(4),
        body.stream().anyMatch(RandomWorkflow::waits) ? 1 : concurrency,
        body);
  }

  private static boolean waits(Block block) {
    return block instanceof Await || inner(block).anyMatch(RandomWorkflow::waits);
  }

  /** The blocks in a block, wherever they stand in it. */
  private static Stream<Block> inner(Block block) {
    if (block instanceof When when) {
      return Stream.concat(when.yes().stream(), when.no().stream());
    } else if (block instanceof Await await) {
      return await.late().stream();
    } else if (block instanceof Switch choice) {
      return choice.branches().stream().flatMap(List::stream);
    } else if (block instanceof Parallel parallel) {
      return parallel.branches().stream().flatMap(List::stream);
    } else if (block instanceof While loop) {
      return loop.body().stream();
    } else if (block instanceof Saga saga) {
      return Stream.concat(saga.body().stream(), saga.compensated().stream());
    } else if (block instanceof ForEach loop) {
      return loop.body().stream();
    }
    return Stream.of();
  }

  private Execute execute(Random random, int names) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    int failures = Math.max(0, random.nextInt(8) - 4);
    AfterLastAttempt afterLast =
        switch (random.nextInt(12)) {
          case 0 -> isSequential ? AfterLastAttempt.TERMINATE : AfterLastAttempt.SUSPEND;
          case 1, 2, 3 -> AfterLastAttempt.CONTINUE;
          case 4, 5, 6, 7 -> sagas > 0 ? AfterLastAttempt.COMPENSATE : AfterLastAttempt.SUSPEND;
          default -> AfterLastAttempt.SUSPEND;
        };
    return new Execute(
        "execute " + names, kind, failures, 1 + random.nextInt(4), afterLast, sagas > 0);
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
          when::holds,
          yes -> when.yes().forEach(inner -> add(yes, inner, log)),
          no -> when.no().forEach(inner -> add(no, inner, log)));
    } else if (block instanceof Switch choice) {
      steps.switchOn(
          choice.name(),
          choice::value,
          cases -> {
            for (int i = 0; i < choice.cases(); i++) {
              cases.on(i, content(choice.branches().get(i), log));
            }
            cases.otherwise(content(choice.branches().get(choice.cases()), log));
          });
    } else if (block instanceof Parallel parallel) {
      addParallel(steps, parallel, log);
    } else if (block instanceof While loop) {
      steps.repeatWhile(
          loop.name(),
          loop::holds,
          body -> {
            body.update(loop.name() + " count", trace -> trace.and(loop.name()));
            content(loop.body(), log).accept(body);
          });
    } else if (block instanceof ForEach loop) {
      steps.forEach(
          loop.name(),
          loop::items,
          Trace.class,
          content(loop.body(), log),
          loop::merge,
          Concurrency.of(loop.concurrency()));
    } else if (block instanceof Child child) {
      steps.child(
          child.name(),
          child.workflow(),
          trace -> new Trace(trace.id(), List.of()),
          child::merge,
          AfterLastAttempt.CONTINUE);
      addCompensation(steps, child, log);
    } else if (block instanceof End) {
      steps.end(block.name());
    } else if (block instanceof Saga saga) {
      steps.saga(
          saga.name(),
          body -> {
            content(saga.body(), log).accept(body);
            if (saga.fails()) {
              body.compensate(saga.failure(), trace -> "planned failure");
            }
          },
          content(saga.compensated(), log));
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

  private static Consumer<Branch<Trace>> content(List<Block> blocks, Listener log) {
    return branch -> blocks.forEach(inner -> add(branch, inner, log));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of branches
  private static void addParallel(Steps<Trace, ?> steps, Parallel parallel, Listener log) {
    steps.parallel(
        parallel.name(),
        parallel.branches().stream().map(branch -> content(branch, log)).toArray(Consumer[]::new));
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
    addCompensation(steps, execute, log);
  }

  private static void addCompensation(Steps<Trace, ?> steps, Undoable step, Listener log) {
    if (step.isInSaga()) {
      steps.compensateWith(
          undo ->
              undo.call(
                  step.undo(),
                  (Trace trace, StepContext context) -> {
                    log.executed(context, 0);
                    return step.undo();
                  },
                  Trace::and));
    }
  }

  /** What the executions of an ended instance had to be. */
  private static final class Walk {
    private final Map<String, List<StepState>> stepsByBlock;
    private final Attempts attempts;
    private final List<String> problems;
    private final Map<Integer, Integer> consumed;
    private Trace expected;
    private Iterator<StepState> steps;
    private boolean isTerminated;

    /** Whether a step has ended the workflow. */
    private boolean isEnded;

    /** Whether the innermost saga has failed. */
    private boolean hasFailed;

    /** The steps of the sagas under way that have a compensation. */
    private List<StepState> undoable = new ArrayList<>();

    private int sagas;

    Walk(WorkflowState<Trace> state, Attempts attempts) {
      this.expected = new Trace(state.id(), List.of());
      this.stepsByBlock =
          state.steps().stream().collect(Collectors.groupingBy(step -> block(step.block())));
      this.attempts = attempts;
      this.problems = new ArrayList<>();
      this.consumed = new TreeMap<>();
      this.steps = stepsIn(block(null));
    }

    /** A walk through some of the steps of a block. */
    private Walk(Walk outer, Trace data, Iterator<StepState> steps) {
      this.expected = data;
      this.stepsByBlock = outer.stepsByBlock;
      this.attempts = outer.attempts;
      this.problems = outer.problems;
      this.consumed = new TreeMap<>(outer.consumed);
      this.steps = steps;
    }

    private static String block(@Nullable String id) {
      return id == null ? "" : id;
    }

    private Iterator<StepState> stepsIn(String block) {
      return stepsByBlock.getOrDefault(block, List.of()).iterator();
    }

    void all(List<Block> blocks) {
      for (Block block : blocks) {
        if (isOver()) {
          return;
        }
        one(block);
      }
    }

    /** Whether no further step was begun in the block. */
    private boolean isOver() {
      return isTerminated || isEnded || hasFailed || !problems.isEmpty();
    }

    private void one(Block block) {
      StepState step = next(block.name());
      if (step == null) {
        return;
      }
      if (block instanceof Execute execute) {
        execute(execute, step);
      } else if (block instanceof Update) {
        complete(step);
        expected = expected.and(block.name());
      } else if (block instanceof Delay) {
        complete(step);
      } else if (block instanceof When when) {
        complete(step);
        all(when.holds(expected) ? when.yes() : when.no());
      } else if (block instanceof Switch choice) {
        complete(step);
        all(choice.branches().get(choice.value(expected)));
      } else if (block instanceof Await await) {
        await(await, step);
      } else if (block instanceof Parallel parallel) {
        parallel(parallel, step);
      } else if (block instanceof While loop) {
        repeat(loop, step);
      } else if (block instanceof Saga saga) {
        saga(saga, step);
      } else if (block instanceof Child child) {
        child(child, step);
      } else if (block instanceof End) {
        complete(step);
        isEnded = true;
      } else if (block instanceof ForEach loop) {
        forEach(loop, step);
      }
    }

    private @Nullable StepState next(String name) {
      if (!steps.hasNext()) {
        problems.add("'%s' is missing".formatted(name));
        return null;
      }
      StepState step = steps.next();
      if (!step.name().equals(name)) {
        problems.add("'%s' follows instead of '%s'".formatted(step.name(), name));
        return null;
      }
      return step;
    }

    private void complete(StepState step) {
      require(step, PointerStatus.COMPLETE);
    }

    private void require(StepState step, PointerStatus status) {
      if (step.status() != status) {
        problems.add("'%s' is %s".formatted(step.name(), step.status()));
      }
    }

    private void execute(Execute execute, StepState step) {
      boolean isUndone = step.status() == PointerStatus.COMPENSATED;
      int planned = attempts.plannedFailures(step.id());
      int failures = planned + attempts.otherFailures(step.id());
      boolean isRetried = execute.afterLast() == AfterLastAttempt.SUSPEND;
      boolean wasLast = !isRetried && failures == execute.attempts();
      boolean isComplete = step.status() == PointerStatus.COMPLETE || (isUndone && !wasLast);
      if (attempts.withoutOutcome(step.id(), isComplete) > 0) {
        problems.add("'%s' was executed too often".formatted(step.name()));
      }
      if (isComplete
          && planned == execute.failures()
          && (isRetried || failures < execute.attempts())) {
        if (execute.kind() != Kind.RUN) {
          expected = expected.and(execute.name());
        }
        undoable.add(step);
      } else if ((step.status() == PointerStatus.FAILED || isUndone)
          && wasLast
          && planned <= execute.failures()) {
        isTerminated = execute.afterLast() == AfterLastAttempt.TERMINATE;
        hasFailed = execute.afterLast() == AfterLastAttempt.COMPENSATE;
        if (execute.kind() != Kind.TRANSACTION) {
          undoable.add(step);
        }
      } else {
        problems.add(
            "'%s' is %s after %s planned failures of %s"
                .formatted(step.name(), step.status(), planned, failures));
      }
    }

    private void child(Child child, StepState step) {
      if (step.status() != PointerStatus.COMPENSATED) {
        require(step, child.fails() ? PointerStatus.FAILED : PointerStatus.COMPLETE);
      }
      undoable.add(step);
      if (!child.fails()) {
        expected = child.merge(expected, new Trace(expected.id(), Child.ENTRIES));
      }
    }

    private void saga(Saga saga, StepState step) {
      Iterator<StepState> outer = steps;
      List<StepState> before = undoable;
      undoable = new ArrayList<>();
      steps = stepsIn(step.id());
      sagas++;
      all(saga.body());
      sagas--;
      if (saga.fails() && !isOver()) {
        hasFailed = next(saga.failure()) != null;
      }
      end();
      steps = outer;
      if (hasFailed) {
        hasFailed = false;
        undone(step);
        undoable = before;
        all(saga.compensated());
      } else {
        endBlock(step);
        undoable.stream()
            .filter(inner -> sagas == 0 && inner.status() == PointerStatus.COMPENSATED)
            .forEach(inner -> problems.add("'%s' was undone".formatted(inner.name())));
        before.addAll(undoable);
        undoable = before;
      }
    }

    /** The compensations have followed each other, the last one first. */
    private void undone(StepState saga) {
      require(saga, PointerStatus.COMPENSATED);
      for (int i = undoable.size() - 1; i >= 0 && problems.isEmpty(); i--) {
        StepState step = undoable.get(i);
        require(step, PointerStatus.COMPENSATED);
        List<StepState> compensation = stepsByBlock.getOrDefault(step.id(), List.of());
        if (compensation.size() != 1
            || attempts.withoutOutcome(compensation.get(0).id(), true) > 0) {
          problems.add("'%s' was undone by %s".formatted(step.name(), compensation));
        } else {
          complete(compensation.get(0));
          expected = expected.and("undo " + step.name());
        }
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

    /** Each branch has gone on from what was consumed before the block. */
    private void parallel(Parallel parallel, StepState step) {
      complete(step);
      List<String> entries = new ArrayList<>(expected.entries());
      Map<Integer, Integer> before = new TreeMap<>(consumed);
      for (List<Block> branch : parallel.branches()) {
        Set<String> names = new HashSet<>();
        branch.forEach(block -> addNames(block, names));
        Walk walk =
            new Walk(
                this,
                expected,
                stepsByBlock.getOrDefault(step.id(), List.of()).stream()
                    .filter(inner -> names.contains(inner.name()))
                    .iterator());
        walk.consumed.clear();
        walk.consumed.putAll(before);
        walk.all(branch);
        walk.end();
        entries.addAll(
            walk.expected
                .entries()
                .subList(expected.entries().size(), walk.expected.entries().size()));
        walk.consumed.forEach((topic, count) -> consumed.merge(topic, count, Math::max));
      }
      expected = new Trace(expected.id(), entries);
    }

    /** The names of the steps that stand in the same block as this one. */
    private static void addNames(Block block, Set<String> names) {
      names.add(block.name());
      if (block instanceof When || block instanceof Await || block instanceof Switch) {
        inner(block).forEach(each -> addNames(each, names));
      } else if (block instanceof Saga saga) {
        saga.compensated().forEach(each -> addNames(each, names));
      }
    }

    private void repeat(While loop, StepState step) {
      Iterator<StepState> outer = steps;
      steps = stepsIn(step.id());
      while (loop.holds(expected) && !isOver()) {
        next(loop.name() + " count");
        expected = expected.and(loop.name());
        all(loop.body());
      }
      end();
      endBlock(step);
      steps = outer;
    }

    private void endBlock(StepState block) {
      if (isEnded) {
        require(block, PointerStatus.CANCELLED);
      } else if (!isTerminated && !hasFailed) {
        complete(block);
      }
    }

    private void forEach(ForEach loop, StepState step) {
      Iterator<StepState> outer = steps;
      steps = stepsIn(step.id());
      for (Trace data : loop.items(expected)) {
        StepState item = next(loop.name() + ".item");
        if (item == null) {
          return;
        }
        Walk walk = new Walk(this, data, stepsIn(item.id()));
        walk.all(loop.body());
        walk.end();
        isTerminated = walk.isTerminated;
        endBlock(item);
        if (isTerminated) {
          return;
        }
        consumed.putAll(walk.consumed);
        expected = loop.merge(expected, walk.expected);
      }
      end();
      endBlock(step);
      steps = outer;
    }

    private void end() {
      if (problems.isEmpty()) {
        steps.forEachRemaining(step -> problems.add("'%s' is too much".formatted(step.name())));
      }
    }

    /** Branches merge their entries in any order. */
    List<String> end(WorkflowStatus status, List<String> actual, boolean inOrder) {
      end();
      WorkflowStatus right = isTerminated ? WorkflowStatus.TERMINATED : WorkflowStatus.COMPLETE;
      if (status != right) {
        problems.add("The status is %s".formatted(status));
      }
      if (problems.isEmpty()
          && !(inOrder
              ? actual.equals(expected.entries())
              : sorted(actual).equals(sorted(expected.entries())))) {
        problems.add("The data is %s, not %s".formatted(actual, expected.entries()));
      }
      return problems;
    }

    private static List<String> sorted(List<String> entries) {
      return entries.stream().sorted().toList();
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
    return walk.end(state.status(), state.data().entries(), isSequential);
  }

  @Override
  public String toString() {
    return "seed %s: %s".formatted(seed, blocks);
  }
}
