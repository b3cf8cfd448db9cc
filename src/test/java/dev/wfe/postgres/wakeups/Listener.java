package dev.wfe.postgres.wakeups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Registration;
import dev.wfe.postgres.faults.Eventually;
import java.util.concurrent.atomic.AtomicInteger;

/** A listener for due work, as a host has one. It is also called when its session begins. */
public final class Listener implements AutoCloseable {
  private final AtomicInteger calls = new AtomicInteger();
  private final Registration registration;

  private Listener(PersistenceProvider provider) {
    registration = provider.onWorkDue(calls::incrementAndGet);
  }

  /** Registers a listener, whether or not there will be a session. */
  static Listener registered(PersistenceProvider provider) {
    return new Listener(provider);
  }

  /** Registers a listener, and returns when the provider's session listens. */
  public static Listener listening(PersistenceProvider provider) {
    Listener listener = new Listener(provider);
    listener.awaitCalls(1);
    return listener;
  }

  int calls() {
    return calls.get();
  }

  void awaitCalls(int least) {
    Eventually.isTrue(least + " calls of a listener", () -> calls.get() >= least);
  }

  /** Work. */
  public interface Work {
    void run() throws Exception;
  }

  /** Fails unless the work wakes it. */
  public void assertWokenBy(Work work) throws Exception {
    int before = calls.get();
    work.run();
    awaitCalls(before + 1);
    assertThat(calls.get()).isGreaterThan(before);
  }

  @Override
  public void close() {
    registration.close();
  }
}
