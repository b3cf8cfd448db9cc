package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class WatchTest {
  private static final Duration SHORT = Duration.ofMillis(5);

  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final Watch watch =
      new Watch("Step 'pay' of workflow w-1", "the host has left it", log());

  private Logger log() {
    return (Logger)
        Proxy.newProxyInstance(
            WatchTest.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, arguments) -> {
              warnings.add(
                  MessageFormatter.basicArrayFormat(
                      String.valueOf(arguments[0]), Arrays.copyOfRange(arguments, 1, 3)));
              return null;
            });
  }

  @AfterEach
  void forgetTheInterrupt() {
    boolean unused = Thread.interrupted();
  }

  /** As code does that ignores interrupts. */
  private void ignoreInterruptsUntilWarned() {
    while (warnings.isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void stepThatIgnoresItsInterruptIsNamedOnce() {
    watch.limit(SHORT);
    ignoreInterruptsUntilWarned();
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("Step 'pay' of workflow w-1")
        .contains("longer than its time limit, PT0.005S");
    watch.interrupt();
    watch.stop();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(watch.reason(new IllegalStateException("late")))
        .hasMessage("The step took longer than its time limit, PT0.005S")
        .hasRootCauseMessage("late");
    assertThat(warnings).hasSize(1);
  }

  @Test
  void stepThatTheHostHasLeftIsNamedToo() {
    watch.limit(Duration.ofMillis(50));
    watch.interrupt();
    ignoreInterruptsUntilWarned();
    assertThat(warnings).singleElement().asString().contains("because the host has left it");
    Throwable own = new IllegalStateException("own");
    assertThat(watch.reason(own)).isSameAs(own);
  }

  /** Time limits ring one after the other, so what was to ring before this one has rung. */
  private void awaitALaterInterrupt() throws InterruptedException {
    Thread later =
        new Thread(
            () -> {
              new Watch("A later step", "", log()).limit(SHORT.multipliedBy(2));
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException rung) {
                Thread.currentThread().interrupt();
              }
            });
    later.start();
    later.join();
  }

  @Test
  void stepThatHasEndedIsNotInterrupted() throws Exception {
    watch.limit(SHORT);
    watch.stop();
    watch.interrupt();
    awaitALaterInterrupt();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(warnings).isEmpty();
  }

  @Test
  void stepWithoutALimitIsNotInterrupted() {
    watch.limit(null);
    assertThat(Thread.interrupted()).isFalse();
    watch.interrupt();
    assertThat(Thread.interrupted()).isTrue();
    watch.stop();
  }
}
