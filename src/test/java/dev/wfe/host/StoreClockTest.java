package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class StoreClockTest {
  private final StoreClock clock = new StoreClock();

  /** The time that passes between two readings is added, and nothing else. */
  private void assertGoesOnFrom(Instant databaseTime) {
    long before = System.nanoTime();
    clock.set(databaseTime);
    long set = System.nanoTime();
    Eventually.until("a millisecond", () -> System.nanoTime() - set > 1_000_000);
    Instant read = clock.instant();
    long after = System.nanoTime();
    assertThat(read)
        .isBetween(databaseTime.plusMillis(1), databaseTime.plus(Duration.ofNanos(after - before)));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1_000_000, -3_600, 0, 3_600, 1_000_000})
  void timeIsTheDatabasesTime(long secondsAhead) {
    assertGoesOnFrom(Instant.now().plusSeconds(secondsAhead));
  }

  @Test
  void workIsDueAtOnceBeforeTheFirstReading() {
    assertThat(clock.dueNow()).isZero();
  }

  @Test
  void workThatIsDueNowIsDueSinceARecentReading() {
    assertIsDueSince(Instant.parse("2040-01-01T00:00:00.123456Z"));
    assertIsDueSince(Instant.parse("2030-01-01T00:00:00Z"));
  }

  private void assertIsDueSince(Instant databaseTime) {
    Eventually.until(
        "the reading is recent",
        () -> {
          clock.set(databaseTime);
          return clock.dueNow() == databaseTime.toEpochMilli();
        });
  }

  @Test
  void oldReadingIsNotTakenForADueTime() {
    assertIsDueSince(Instant.parse("2040-01-01T00:00:00Z"));
    Eventually.until("the reading is old", () -> clock.dueNow() == 0);
    assertIsDueSince(Instant.parse("2040-01-01T00:00:00Z"));
  }

  @Test
  void eachReadingCountsAlsoAnEarlierOne() {
    assertGoesOnFrom(Instant.parse("2040-01-01T00:00:00Z"));
    assertGoesOnFrom(Instant.parse("2030-01-01T00:00:00Z"));
  }

  @Test
  void threadsWaitForTheFirstReading() throws Exception {
    CountDownLatch known = new CountDownLatch(1);
    Thread waiting =
        new Thread(
            () -> {
              try {
                clock.awaitFirstReading();
                known.countDown();
              } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    Eventually.until("the thread waits", () -> waiting.getState() == Thread.State.WAITING);
    clock.set(Instant.parse("2030-01-01T00:00:00Z"));
    known.await();
    clock.awaitFirstReading();
  }
}
