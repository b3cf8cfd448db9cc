package dev.wfe.host;

import com.fasterxml.jackson.databind.type.TypeFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Adds steps, one after the other. Each step has a name that is unique in the definition: it
 * identifies the step in running workflows, so keep it when you change what the step does.
 *
 * <p>Functions that merge, update, decide or compute a key have to be pure: they depend on nothing
 * but their parameters, have no effect, and may be called several times. If one throws, the
 * workflow is suspended with the error.
 *
 * <p>If a method that is passed as a method reference is overloaded, the compiler may find the call
 * ambiguous; use a lambda then.
 *
 * @param <D> the class of the workflow's data
 * @param <S> the class of this object
 */
public abstract sealed class Steps<D, S extends Steps<D, S>> permits Branch, WorkflowBuilder {
  private final Graph.Builder<?> graph;
  private final boolean isInSaga;
  private Graph.Ends ends;

  Steps(Graph.Builder<?> graph, Graph.Ends ends, boolean isInSaga) {
    this.graph = graph;
    this.ends = ends;
    this.isInSaga = isInSaga;
  }

  abstract S self();

  /** The edges that lead out of the steps added so far. */
  final Graph.Ends ends() {
    return ends;
  }

  /** Executes code that has an effect outside and returns nothing. */
  public S run(String name, StepAction<? super D> action, StepOption... options) {
    Objects.requireNonNull(action, () -> missing("action", name));
    return run(name, (D data, StepContext context) -> action.run(data), options);
  }

  /** As {@link #run(String, StepAction, StepOption...)}, with the step's context. */
  public S run(String name, ContextStepAction<? super D> action, StepOption... options) {
    Objects.requireNonNull(action, () -> missing("action", name));
    return add(
        name,
        new Node.Execute<D, Node.Nothing>(
            "run",
            options(name, options),
            (data, context) -> {
              action.run(data, context);
              return Node.Nothing.NOTHING;
            },
            null,
            (data, output) -> data));
  }

  /**
   * Executes code that returns an output, and puts the output into the data.
   *
   * @param merge returns the data with the output; applied to the data as it is then
   */
  public <R extends @Nullable Object> S call(
      String name,
      StepFunction<? super D, ? extends R> function,
      BiFunction<? super D, ? super R, ? extends D> merge,
      StepOption... options) {
    Objects.requireNonNull(function, () -> missing("function", name));
    return this.<R>call(name, (D data, StepContext context) -> function.call(data), merge, options);
  }

  /** As {@link #call(String, StepFunction, BiFunction, StepOption...)}, with the step's context. */
  public <R extends @Nullable Object> S call(
      String name,
      ContextStepFunction<? super D, ? extends R> function,
      BiFunction<? super D, ? super R, ? extends D> merge,
      StepOption... options) {
    Objects.requireNonNull(function, () -> missing("function", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    return add(
        name,
        new Node.Execute<D, R>(
            "call",
            options(name, options),
            function::call,
            null,
            (data, output) -> merge.apply(data, output)));
  }

  /**
   * Executes code in a database transaction. What it writes is committed together with the
   * workflow's state: both, or neither.
   */
  public S runInTransaction(
      String name, TransactionAction<? super D> action, StepOption... options) {
    Objects.requireNonNull(action, () -> missing("action", name));
    return add(
        name,
        new Node.Execute<D, Node.Nothing>(
            "runInTransaction",
            options(name, options),
            null,
            (data, transaction) -> {
              action.run(data, transaction);
              return Node.Nothing.NOTHING;
            },
            (data, output) -> data));
  }

  /** As {@link #runInTransaction}, with an output that is put into the data. */
  public <R extends @Nullable Object> S callInTransaction(
      String name,
      TransactionFunction<? super D, ? extends R> function,
      BiFunction<? super D, ? super R, ? extends D> merge,
      StepOption... options) {
    Objects.requireNonNull(function, () -> missing("function", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    return add(
        name,
        new Node.Execute<D, R>(
            "callInTransaction",
            options(name, options),
            null,
            function::call,
            (data, output) -> merge.apply(data, output)));
  }

  /** Changes the data. The function is pure. */
  public S update(String name, UnaryOperator<D> change) {
    return add(
        name, new Node.Update<>(Objects.requireNonNull(change, () -> missing("function", name))));
  }

  /** Goes on after the duration, counted by the database's clock. */
  public S delay(String name, Duration duration) {
    Objects.requireNonNull(duration, () -> missing("duration", name));
    return delay(name, data -> duration);
  }

  /** As {@link #delay(String, Duration)}; the duration is computed once, from the data. */
  public S delay(String name, Function<? super D, Duration> duration) {
    Objects.requireNonNull(duration, () -> missing("duration", name));
    return add(name, new Node.Delay<D>(duration::apply));
  }

  /**
   * Waits for an event, without a time limit. An event that was published since the workflow was
   * created counts, even if it came before the wait. Each event is consumed by one wait of the
   * workflow, the oldest event first.
   *
   * @param key returns the key of the event, from the data as it is when the wait begins
   * @param merge returns the data with the payload
   */
  public <E> S await(
      String name,
      EventType<E> type,
      Function<? super D, String> key,
      BiFunction<? super D, ? super E, ? extends D> merge) {
    return await(name, type, key, merge, (Timeout<D>) null);
  }

  /** As {@link #await(String, EventType, Function, BiFunction)}, with a time limit. */
  public <E> S await(
      String name,
      EventType<E> type,
      Function<? super D, String> key,
      BiFunction<? super D, ? super E, ? extends D> merge,
      @Nullable Timeout<D> timeout) {
    Objects.requireNonNull(type, () -> missing("event type", name));
    Objects.requireNonNull(key, () -> missing("key function", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    Graph.Step<D> step =
        graph.add(
            name,
            new Node.Await<D, E>(
                type,
                key::apply,
                (data, event) -> merge.apply(data, event),
                timeout == null ? null : timeout.duration()));
    graph.connect(ends, step);
    ends = Graph.Ends.of(step, Graph.NEXT);
    if (timeout != null) {
      ends = ends.and(branch(step, Graph.TIMED_OUT, timeout.steps()));
    }
    return self();
  }

  /**
   * Has work done outside the host: a worker in any process takes it through an {@link
   * ActivityClient}, and reports the output or a failure. A failure is retried as the {@link
   * RetryPolicy} says. With a {@link TimeLimit}, an attempt fails if no result came in this time,
   * counted from the offer.
   *
   * @param input returns what is passed to the worker
   * @param merge returns the data with the output
   */
  public <I, O> S activity(
      String name,
      ActivityType<I, O> type,
      Function<? super D, ? extends I> input,
      BiFunction<? super D, ? super O, ? extends D> merge,
      StepOption... options) {
    Objects.requireNonNull(type, () -> missing("activity type", name));
    Objects.requireNonNull(input, () -> missing("input function", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    return add(
        name,
        new Node.Activity<D, I, O>(
            type,
            options(name, options),
            input::apply,
            (data, output) -> merge.apply(data, output)));
  }

  /**
   * Starts another workflow, waits until it is complete, and merges its data. The host executes it,
   * too. It is created in the same write that stores the wait.
   *
   * <p>If the child is terminated, the step has failed. It is not attempted again unless a {@link
   * RetryPolicy} is given; each attempt is a new child. A child that is suspended has not ended. If
   * this workflow ends before the child, the child is terminated soon after.
   *
   * @param data returns the data of the child
   * @param merge returns the data with the data of the child at its end
   * @param options {@link RetryPolicy}, {@link AfterLastAttempt}
   */
  public <C> S child(
      String name,
      Workflow<C> workflow,
      Function<? super D, ? extends C> data,
      BiFunction<? super D, ? super C, ? extends D> merge,
      StepOption... options) {
    Objects.requireNonNull(workflow, () -> missing("workflow", name));
    Objects.requireNonNull(data, () -> missing("data function", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    Node.Options given = options(name, RetryPolicy.none(), options);
    if (given.timeLimit() != null) {
      throw graph.problem(
          "step '%s': a child workflow has no time limit; give one to its steps and waits"
              .formatted(name));
    }
    return add(
        name,
        new Node.Child<D, C>(
            workflow, given, data::apply, (before, child) -> merge.apply(before, child)));
  }

  /** Executes the steps if the condition holds. The decision is made once and stored. */
  public S when(String name, Predicate<? super D> condition, Consumer<? super Branch<D>> yes) {
    return when(name, condition, yes, no -> {});
  }

  /** Executes one or the other steps. The decision is made once and stored. */
  public S when(
      String name,
      Predicate<? super D> condition,
      Consumer<? super Branch<D>> yes,
      Consumer<? super Branch<D>> no) {
    Objects.requireNonNull(condition, () -> missing("condition", name));
    Graph.Step<D> step = graph.add(name, new Node.When<D>(condition::test));
    graph.connect(ends, step);
    ends = branch(step, Graph.YES, yes).and(branch(step, Graph.NO, no));
    return self();
  }

  /**
   * Executes the branch of the case whose value equals the computed one. The choice is made once
   * and stored. If no case matches and there is no {@link Cases#otherwise}, the workflow is
   * suspended with an error that names the value.
   *
   * @param value returns a string, a number, a boolean or an enum constant
   */
  public S switchOn(
      String name,
      Function<? super D, ? extends @Nullable Object> value,
      Consumer<? super Cases<D>> cases) {
    Objects.requireNonNull(value, () -> missing("function", name));
    Objects.requireNonNull(cases, () -> missing("consumer of cases", name));
    Cases<D> collected = new Cases<>(name, graph);
    cases.accept(collected);
    Graph.Step<D> step =
        graph.add(
            name,
            new Node.Switch<D>(
                value::apply, collected.branches().keySet(), collected.otherwise() != null));
    graph.connect(ends, step);
    Graph.Ends all = Graph.Ends.NONE;
    for (Map.Entry<String, Consumer<? super Branch<D>>> each : collected.branches().entrySet()) {
      all = all.and(branch(step, Node.Switch.edge(each.getKey()), each.getValue()));
    }
    ends =
        collected.otherwise() == null
            ? all
            : all.and(branch(step, Graph.OTHERWISE, collected.otherwise()));
    return self();
  }

  /**
   * Executes the branches at the same time, and goes on when all have ended. They share the data:
   * each change is applied to the data as it is then, so no branch overwrites another one's.
   *
   * @param branches at least one; each has at least one step
   */
  @SafeVarargs
  public final S parallel(String name, Consumer<? super Branch<D>>... branches) {
    if (branches.length == 0) {
      throw graph.problem("step '%s' has no branch".formatted(name));
    }
    Graph.Step<D> step = graph.add(name, new Node.Parallel<D>(branches.length));
    graph.connect(ends, step);
    for (int i = 0; i < branches.length; i++) {
      body(step, Node.Parallel.edge(i + 1), branches[i]);
    }
    ends = Graph.Ends.of(step, Graph.NEXT);
    return self();
  }

  /**
   * Repeats the steps as long as the condition holds. Each decision is made once and stored.
   *
   * @param body at least one step
   */
  public S repeatWhile(
      String name,
      Predicate<? super D> condition,
      Consumer<? super Branch<D>> body,
      LoopOption... options) {
    Objects.requireNonNull(condition, () -> missing("condition", name));
    Node.Loop loop = loop(name, options);
    if (loop.concurrency() > 1) {
      throw graph.problem("step '%s': the iterations follow each other".formatted(name));
    }
    Graph.Step<D> step = graph.add(name, new Node.While<D>(condition::test, loop.kept()));
    graph.connect(ends, step);
    body(step, Graph.BODY, body);
    ends = Graph.Ends.of(step, Graph.NEXT);
    return self();
  }

  /**
   * Executes the steps for each item: one after the other, or several at a time with {@link
   * Concurrency}. The steps see and change the item instead of the workflow's data. When they have
   * ended, the item is merged into the data, once.
   *
   * @param items returns the items; called once, when the block begins. They are stored
   * @param type the class of an item, which Jackson maps
   * @param body at least one step
   * @param merge returns the data with what has become of an item; pure
   */
  public <I> S forEach(
      String name,
      Function<? super D, ? extends Collection<? extends I>> items,
      Class<I> type,
      Consumer<? super Branch<I>> body,
      BiFunction<? super D, ? super I, ? extends D> merge,
      LoopOption... options) {
    Objects.requireNonNull(items, () -> missing("function", name));
    Objects.requireNonNull(type, () -> missing("class", name));
    Objects.requireNonNull(merge, () -> missing("merge function", name));
    Node.Loop loop = loop(name, options);
    Graph.Step<D> step =
        graph.add(name, new Node.ForEach<D>(items::apply, loop.concurrency(), loop.kept()));
    graph.connect(ends, step);
    Graph.Step<D> item =
        graph.add(
            name + ".item",
            new Node.Item<D, I>(
                TypeFactory.defaultInstance().constructType(type),
                (data, ended) -> merge.apply(data, ended)));
    graph.connect(Graph.Ends.of(step, Graph.BODY), item);
    body(item, Graph.BODY, body);
    ends = Graph.Ends.of(step, Graph.NEXT);
    return self();
  }

  /**
   * Ends the workflow as Complete, wherever the step stands. Other branches are cancelled: what
   * they execute at this moment goes on, but its outcome is not stored.
   */
  public S end(String name) {
    Graph.Step<D> step = graph.add(name, new Node.End<D>());
    graph.connect(ends, step);
    ends = Graph.Ends.NONE;
    return self();
  }

  /**
   * Executes the steps, and undoes them if one of them fails: the steps that were given to {@link
   * #compensateWith} are executed, the last one first. A step in a saga has failed when its last
   * attempt has, if its {@link AfterLastAttempt} is {@link AfterLastAttempt#COMPENSATE}, which is
   * the default in a saga; or when {@link #compensate} is reached. Then nothing new begins in the
   * saga, steps that are being executed end, and what waits is cancelled.
   *
   * <p>Compensated are the steps that have ended, and those that may have had an effect before they
   * failed or were cancelled: so a compensation must also be right if its step had no effect. What
   * was written by a step in a transaction that was rolled back needs no compensation, and gets
   * none. The data stays as it is.
   *
   * @param body at least one step
   * @param compensated the steps that are executed after the compensation; may be none. The steps
   *     behind the saga follow in both cases, unless these end the workflow
   */
  public S saga(
      String name, Consumer<? super Branch<D>> body, Consumer<? super Branch<D>> compensated) {
    Graph.Step<D> step = graph.add(name, new Node.Saga<D>());
    graph.connect(ends, step);
    body(step, Graph.BODY, true, body);
    ends = Graph.Ends.of(step, Graph.NEXT).and(branch(step, Graph.COMPENSATED, compensated));
    return self();
  }

  /**
   * Says how the step just added is undone if the saga fails in which it stands. A step without
   * this is not undone.
   *
   * <p>The steps see the data as it is then, or the item's if they stand in a {@link #forEach}. If
   * one fails for the last time, the workflow is suspended; after {@link WorkflowClient#retry}, the
   * compensation goes on.
   *
   * @param steps at least one step
   * @throws WorkflowDefinitionException unless the step just added is in a saga and executes code,
   *     or is an activity or a child workflow
   */
  public S compensateWith(Consumer<? super Branch<D>> steps) {
    Graph.Step<?> last = ends.edges().size() == 1 ? ends.edges().get(0).getKey() : null;
    if (last == null
        || !(last.node() instanceof Node.Execute<?, ?>
            || last.node() instanceof Node.Activity<?, ?, ?>
            || last.node() instanceof Node.Child<?, ?>)) {
      throw graph.problem(
          "compensateWith has to follow a step that executes code, an activity or a child workflow");
    }
    if (!isInSaga) {
      throw graph.problem("step '%s' has a compensation, but is in no saga".formatted(last.name()));
    }
    if (last.follow(Graph.COMPENSATION) != null) {
      throw graph.problem("step '%s' has two compensations".formatted(last.name()));
    }
    body(last, Graph.COMPENSATION, false, steps);
    return self();
  }

  /**
   * Ends the innermost saga: it is compensated, as if a step had failed.
   *
   * @param reason returns what is stored as the error of the saga
   */
  public S compensate(String name, Function<? super D, String> reason) {
    Objects.requireNonNull(reason, () -> missing("function", name));
    Graph.Step<D> step = graph.add(name, new Node.Compensate<D>(reason::apply));
    requireSaga(name);
    graph.connect(ends, step);
    ends = Graph.Ends.NONE;
    return self();
  }

  private void requireSaga(String name) {
    if (!isInSaga) {
      throw graph.problem(
          "step '%s' would have a saga compensated, but is in no saga".formatted(name));
    }
  }

  private Graph.Ends branch(Graph.Step<D> from, String edge, Consumer<? super Branch<D>> content) {
    Branch<D> branch = new Branch<>(graph, Graph.Ends.of(from, edge), isInSaga);
    Objects.requireNonNull(content, () -> missing("branch", from.name())).accept(branch);
    return branch.ends();
  }

  /** Adds the steps that a block contains. They end with the block, not with what follows it. */
  private <X> void body(Graph.Step<?> block, String edge, Consumer<? super Branch<X>> content) {
    body(block, edge, isInSaga, content);
  }

  private <X> void body(
      Graph.Step<?> block, String edge, boolean isBodyInSaga, Consumer<? super Branch<X>> content) {
    Objects.requireNonNull(content, () -> missing("branch", block.name()))
        .accept(new Branch<>(graph, Graph.Ends.of(block, edge), isBodyInSaga));
    if (block.follow(edge) == null) {
      throw graph.problem(
          (edge.equals(Graph.COMPENSATION)
                  ? "the compensation of step '%s' contains no step"
                  : "step '%s' contains no step")
              .formatted(block.name()));
    }
  }

  private Node.Loop loop(String name, LoopOption... options) {
    try {
      return Node.Loop.of(List.copyOf(Arrays.asList(options)));
    } catch (WorkflowDefinitionException wrong) {
      throw graph.problem("step '%s': %s".formatted(name, wrong.getMessage()));
    }
  }

  private S add(String name, Node<D> node) {
    Graph.Step<D> step = graph.add(name, node);
    graph.connect(ends, step);
    ends = Graph.Ends.of(step, Graph.NEXT);
    return self();
  }

  private static String missing(String what, String step) {
    return "The %s of step '%s' is null".formatted(what, step);
  }

  private Node.Options options(String step, StepOption... options) {
    return options(step, RetryPolicy.standard(), options);
  }

  private Node.Options options(String step, RetryPolicy standard, StepOption... options) {
    Node.Options given;
    try {
      given =
          Node.Options.of(
              standard,
              isInSaga ? AfterLastAttempt.COMPENSATE : AfterLastAttempt.SUSPEND,
              List.copyOf(Arrays.asList(options)));
    } catch (WorkflowDefinitionException wrong) {
      throw graph.problem("step '%s': %s".formatted(step, wrong.getMessage()));
    }
    if (given.afterLastAttempt() == AfterLastAttempt.COMPENSATE) {
      requireSaga(step);
    }
    return given;
  }
}
