package dev.wfe.postgres.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The kinds of threads that a host may use. */
public enum ThreadKind {
  PLATFORM,
  VIRTUAL;

  private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

  /** Skips the test where the JDK has no such threads. */
  public void assumeThere() {
    int version = Runtime.version().feature();
    assumeTrue(
        this == PLATFORM || version >= FIRST_WITH_VIRTUAL_THREADS,
        "JDK " + version + " has no virtual threads");
  }

  /** A thread that is not started yet; skips the test where the JDK has none of the kind. */
  public Thread thread(Runnable work) {
    if (this == PLATFORM) {
      Thread thread = new Thread(work);
      thread.setDaemon(true);
      return thread;
    }
    int version = Runtime.version().feature();
    assumeTrue(version >= FIRST_WITH_VIRTUAL_THREADS, "JDK " + version + " has no virtual threads");
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (Thread)
          Class.forName("java.lang.Thread$Builder")
              .getMethod("unstarted", Runnable.class)
              .invoke(builder, work);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("No virtual thread", e);
    }
  }
}
