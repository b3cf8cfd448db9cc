package dev.wfe.host;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
  private final Graph.Builder<D> graph;
  private Graph.Ends ends;

  Steps(Graph.Builder<D> graph, Graph.Ends ends) {
    this.graph = graph;
    this.ends = ends;
  }

  abstract S self();

  final Graph.Builder<D> graph() {
    return graph;
  }

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

  private Graph.Ends branch(Graph.Step<D> from, String edge, Consumer<? super Branch<D>> content) {
    Branch<D> branch = new Branch<>(graph, Graph.Ends.of(from, edge));
    Objects.requireNonNull(content, "branch").accept(branch);
    return branch.ends();
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
    try {
      return Node.Options.of(List.copyOf(Arrays.asList(options)));
    } catch (WorkflowDefinitionException wrong) {
      throw graph.problem("step '%s': %s".formatted(step, wrong.getMessage()));
    }
  }
}
