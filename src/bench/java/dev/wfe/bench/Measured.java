package dev.wfe.bench;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The JMH benchmark: it calls one alternative. It runs in this process, so that the alternatives
 * can take turns and none is measured cold.
 */
@OutputTimeUnit(TimeUnit.SECONDS)
public class Measured {
  private static volatile @Nullable Alternative current;

  static void select(Alternative alternative) {
    current = alternative;
  }

  private static Alternative current() {
    Alternative selected = current;
    if (selected == null) {
      throw new IllegalStateException("No alternative is selected");
    }
    return selected;
  }

  /** The state that all threads share. */
  @State(Scope.Benchmark)
  public static class Ground {
    /** Before each sample. */
    @Setup(Level.Iteration)
    public void prepare() throws Exception {
      current().prepare();
    }

    /** After each sample. */
    @TearDown(Level.Iteration)
    public void complete() throws Exception {
      current().complete();
    }
  }

  /** The state of one thread. */
  @State(Scope.Thread)
  public static class Caller {
    private Call call = () -> 0;

    /** Before the first sample. */
    @Setup(Level.Trial)
    public void choose(ThreadParams threads) throws Exception {
      call = current().call(threads.getThreadIndex());
    }
  }

  /** One call. */
  @Benchmark
  public Object call(Ground ground, Caller caller) throws Exception {
    return caller.call.make();
  }
}
