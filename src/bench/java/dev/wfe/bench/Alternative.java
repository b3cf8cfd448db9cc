package dev.wfe.bench;

import java.util.HashMap;
import java.util.Map;

/** One way of doing a operation, ready for any number of threads. Not thread-safe. */
public final class Alternative {
  private final Implementation way;
  private final Callers callers;
  private final Preparation preparation;
  private final Map<Integer, Call> calls = new HashMap<>();

  private Alternative(Implementation way, Callers callers, Preparation preparation) {
    this.way = way;
    this.callers = callers;
    this.preparation = preparation;
  }

  /** Makes what a thread, counted from 0, does. */
  @FunctionalInterface
  public interface Callers {
    /** Called once a thread, before it is measured. */
    Call forThread(int thread) throws Exception;
  }

  /** Prepares a sample; not measured. */
  @FunctionalInterface
  public interface Preparation {
    /** Done once, whatever the number of threads. */
    void run() throws Exception;
  }

  /** An alternative whose threads each have a call of their own. */
  public static Alternative of(Implementation way, Callers callers) {
    return new Alternative(way, callers, () -> {});
  }

  /** This one, with something to be done before each sample. */
  public Alternative preparedBy(Preparation before) {
    return new Alternative(way, callers, before);
  }

  Implementation way() {
    return way;
  }

  void prepare() throws Exception {
    preparation.run();
  }

  /** The same one each time, with what it remembers. */
  synchronized Call call(int thread) throws Exception {
    Call call = calls.get(thread);
    if (call == null) {
      call = callers.forThread(thread);
      calls.put(thread, call);
    }
    return call;
  }
}
