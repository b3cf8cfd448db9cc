package dev.wfe.postgres.faults.network;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Something that a {@link FaultyProxy} does once, at a moment of one request. Thread-safe. */
public final class Trigger {
  /** When in the course of a request. */
  public enum Moment {
    /** The server has seen nothing of it. */
    BEFORE_REQUEST,
    /** The server has been sent it, and the client has seen nothing of the answer. */
    AFTER_REQUEST,
    /** The server has answered it in full, and the client has seen nothing of the answer. */
    BEFORE_ANSWER
  }

  private static final long PATIENCE_SECONDS = 60;

  private final Moment moment;
  private final Predicate<String> matches;
  private final Consumer<ProxiedConnection> action;
  private final CountDownLatch fired = new CountDownLatch(1);

  Trigger(Moment moment, Predicate<String> matches, Consumer<ProxiedConnection> action) {
    this.moment = moment;
    this.matches = matches;
    this.action = action;
  }

  Moment moment() {
    return moment;
  }

  boolean matches(String text) {
    return matches.test(text);
  }

  void fire(ProxiedConnection connection) {
    action.accept(connection);
    fired.countDown();
  }

  boolean hasFired() {
    return fired.getCount() == 0;
  }

  /** Returns once it has acted. */
  public void awaitFired() throws InterruptedException {
    if (!fired.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("No such request came");
    }
  }
}
