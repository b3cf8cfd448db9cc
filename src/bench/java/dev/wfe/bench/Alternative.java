package dev.wfe.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One implementation of an operation, which any number of threads can call. Not thread-safe. */
public final class Alternative {
  private final Implementation implementation;
  private final Callers callers;
  private final Preparation preparation;
  private final Completion completion;
  private final Map<Integer, Call> calls = new HashMap<>();
  private Optional<Cost> cost = Optional.empty();

  private Alternative(
      Implementation implementation,
      Callers callers,
      Preparation preparation,
      Completion completion) {
    this.implementation = implementation;
    this.callers = callers;
    this.preparation = preparation;
    this.completion = completion;
  }

  /** Creates the call of a thread. Threads are numbered from 0. */
  @FunctionalInterface
  public interface Callers {
    /** Called once for each thread, before the measurement. */
    Call forThread(int thread) throws Exception;
  }

  /** Prepares a sample. Not measured. */
  @FunctionalInterface
  public interface Preparation {
    /** Called once for each sample, whatever the number of threads. */
    void run() throws Exception;
  }

  /** Ends a sample. Not measured. */
  @FunctionalInterface
  public interface Completion {
    /** Called once for each sample; returns what the sample cost the server, if it is known. */
    Optional<Cost> run() throws Exception;
  }

  /** An alternative in which each thread has its own call. */
  public static Alternative of(Implementation implementation, Callers callers) {
    return new Alternative(implementation, callers, () -> {}, Optional::empty);
  }

  /** The same alternative with a preparation before each sample. */
  public Alternative preparedBy(Preparation before) {
    return new Alternative(implementation, callers, before, completion);
  }

  /** The same alternative with work after each sample. */
  public Alternative followedBy(Completion after) {
    return new Alternative(implementation, callers, preparation, after);
  }

  Implementation implementation() {
    return implementation;
  }

  void prepare() throws Exception {
    preparation.run();
  }

  void complete() throws Exception {
    cost = completion.run();
  }

  /** What the last sample cost the server. */
  Optional<Cost> cost() {
    return cost;
  }

  /** Returns the same call for the same thread each time, because calls have state. */
  synchronized Call call(int thread) throws Exception {
    Call call = calls.get(thread);
    if (call == null) {
      call = callers.forThread(thread);
      calls.put(thread, call);
    }
    return call;
  }
}
