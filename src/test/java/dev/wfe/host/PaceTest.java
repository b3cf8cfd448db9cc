package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A pause that is too long exceeds the time limit of the test; one that is too short is measured.
 */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class PaceTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private static Duration measured(Pace pace, int pauses) throws InterruptedException {
    long begin = System.nanoTime();
    for (int i = 0; i < pauses; i++) {
      pace.pause(DAY);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Lets the pauses double. */
  private static void passDoublings(Pace pace) throws InterruptedException {
    for (int i = 0; i < 60; i++) {
      pace.pause(Duration.ZERO);
    }
  }

  @Test
  void pausesDouble() throws Exception {
    Pace pace = new Pace(MILLISECOND, Duration.ofMillis(8));
    // 1 + 2 + 4 + 8 + 8 milliseconds, less the jitter
    assertThat(measured(pace, 5)).isGreaterThanOrEqualTo(Duration.ofMillis(18));
  }

  @Test
  void pausesDoubleUpToTheLongest() throws Exception {
    Pace pace = new Pace(MILLISECOND, Duration.ofMillis(4));
    passDoublings(pace);
    assertThat(measured(pace, 2)).isGreaterThanOrEqualTo(Duration.ofMillis(6));
  }

  @Test
  void pauseIsTheShortestAfterWork() throws Exception {
    Pace pace = new Pace(MILLISECOND, DAY);
    passDoublings(pace);
    pace.found();
    pace.pause(DAY);
  }

  @Test
  void wakeUpEndsThePauseAndTheNextIsTheShortest() throws Exception {
    Pace pace = new Pace(MILLISECOND, DAY);
    passDoublings(pace);
    Thread sleeper = Thread.currentThread();
    Thread waking =
        new Thread(
            () -> {
              Eventually.until(
                  "the thread sleeps", () -> sleeper.getState() == Thread.State.TIMED_WAITING);
              pace.wake();
            });
    waking.start();
    pace.pause(DAY);
    pace.pause(DAY);
    waking.join();
  }

  @Test
  void wakeUpBeforeThePauseSkipsIt() throws Exception {
    Pace pace = new Pace(DAY, DAY);
    pace.wake();
    pace.pause(DAY);
  }

  @Test
  void hintEndsThePauseAndLaterOnesDoNotWaitAfterWork() throws Exception {
    Pace pace = new Pace(DAY, DAY);
    for (int i = 0; i < 1000; i++) {
      pace.hint();
      pace.pause(DAY);
      pace.found();
    }
  }

  @Test
  void hintsThatFindNoWorkWaitLongerUpToTheShortestPause() throws Exception {
    Pace pace = new Pace(Duration.ofMillis(10), DAY);
    passDoublings(pace);
    long begin = System.nanoTime();
    for (int i = 0; i < 6; i++) {
      pace.hint();
      pace.pause(DAY);
    }
    // 0 + 1 + 3 + 7 + 10 + 10 milliseconds
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(31));
    pace.wake();
    pace.pause(DAY);
  }

  @Test
  void hintThatFindsNoWorkDoesNotShortenThePauses() throws Exception {
    Pace pace = new Pace(MILLISECOND, Duration.ofMillis(20));
    passDoublings(pace);
    pace.hint();
    pace.pause(DAY);
    assertThat(measured(pace, 1)).isGreaterThanOrEqualTo(Duration.ofMillis(16));
  }

  @Test
  void laterWakeUpEndsThePauseAndTheEarliestCounts() throws Exception {
    Pace pace = new Pace(DAY, DAY);
    pace.wakeAfter(Duration.ofHours(1));
    pace.wakeAfter(Duration.ofMillis(5));
    pace.wakeAfter(Duration.ofHours(2));
    assertThat(measured(pace, 1)).isGreaterThanOrEqualTo(Duration.ofMillis(4));
    pace.wakeAfter(Duration.ofSeconds(-1));
    pace.pause(DAY);
    pace.wakeAfter(Duration.ZERO);
    pace.pause(DAY);
  }

  @Test
  void laterWakeUpHoldsAfterAnEarlierOne() throws Exception {
    Pace pace = new Pace(DAY, DAY);
    pace.wakeAfter(Duration.ofMillis(5));
    pace.wake();
    pace.pause(DAY);
    pace.pause(DAY);
  }

  @Test
  void laterWakeUpHoldsOnce() throws Exception {
    Pace pace = new Pace(Duration.ofMillis(5), DAY);
    pace.wakeAfter(MILLISECOND);
    pace.pause(DAY);
    pace.found();
    assertThat(measured(pace, 1)).isGreaterThanOrEqualTo(Duration.ofMillis(4));
  }

  @Test
  void pauseEndsWhenThereIsWorkAtTheLatest() throws Exception {
    new Pace(DAY, DAY).pause(MILLISECOND);
  }
}
