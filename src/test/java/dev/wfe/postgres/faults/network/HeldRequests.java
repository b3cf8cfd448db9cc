package dev.wfe.postgres.faults.network;

import dev.wfe.postgres.faults.Eventually;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Requests that come no further than to a moment of theirs, and are lost there. Thread-safe. */
public final class HeldRequests implements AutoCloseable {
  private final FaultyProxy proxy;
  private final AtomicInteger expected = new AtomicInteger();
  private final AtomicInteger there = new AtomicInteger();
  private final CountDownLatch lost = new CountDownLatch(1);

  public HeldRequests(FaultyProxy proxy) {
    this.proxy = proxy;
  }

  /** Holds the first request that runs such SQL, at that moment. */
  public void hold(Trigger.Moment moment, Predicate<String> sql) {
    expected.incrementAndGet();
    proxy.at(moment, sql, this::stay);
  }

  private void stay(ProxiedConnection connection) {
    there.incrementAndGet();
    try {
      lost.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connection.cut();
  }

  /** Returns once all of them are there. */
  public void awaitAll() {
    Eventually.isTrue(
        "all of the %s requests came: %s".formatted(expected, there),
        () -> there.get() == expected.get());
  }

  /** Loses them, and what the server answers. */
  @Override
  public void close() {
    lost.countDown();
  }
}
