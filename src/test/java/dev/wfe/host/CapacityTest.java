package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CapacityTest {
  private static final int LEAST = 64;
  private static final int GREATEST = 256;

  /** {@link System#nanoTime} may be negative, and overflow. */
  private static final long START = Long.MAX_VALUE - 1_000_000;

  private final Capacity capacity = new Capacity(LEAST, GREATEST, START);
  private long now = START;

  private void end(int instances, Duration within) {
    for (int i = 0; i < instances; i++) {
      capacity.ended();
    }
    now += within.toNanos();
    capacity.adjust(now, Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({"0, 64", "100, 100", "1000, 256"})
  void isBoundedByTheMemory(int most, int expected) {
    for (int i = 0; i < 1_000; i++) {
      capacity.ended();
    }
    capacity.adjust(START + Duration.ofMillis(50).toNanos(), most);
    assertThat(capacity.current()).isEqualTo(expected);
  }

  @Test
  void beginsWithTheLeast() {
    assertThat(capacity.current()).isEqualTo(LEAST);
  }

  @ParameterizedTest
  @CsvSource({"0, 64", "63, 64", "100, 100", "256, 256", "100000, 256"})
  void isWhatEndsWithinFiftyMilliseconds(int ended, int expected) {
    end(ended, Duration.ofMillis(50));
    assertThat(capacity.current()).isEqualTo(expected);
  }

  @Test
  void oldCountsAreForgotten() {
    end(1_000, Duration.ofMillis(10));
    assertThat(capacity.current()).isEqualTo(GREATEST);
    end(1, Duration.ofMillis(10));
    assertThat(capacity.current()).isEqualTo(LEAST);
  }

  @Test
  void countsOverAShortTimeAreAddedUp() {
    end(10, Duration.ofMillis(2));
    assertThat(capacity.current()).isEqualTo(LEAST);
    end(10, Duration.ofMillis(8));
    assertThat(capacity.current()).isEqualTo(100);
  }
}
