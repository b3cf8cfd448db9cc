package dev.wfe.postgres.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TrendTest {
  private static final Bound TENTH = new Bound(10, 5, 1_000);

  private static Trend of(Bound bound, Stream<Long> values) {
    return new Trend("figure", values.toList(), bound);
  }

  @Test
  void aFigureThatRisesAndFallsIsFlat() {
    assertThat(of(TENTH, Stream.iterate(100L, n -> 250 - n).limit(60)).problem()).isEmpty();
  }

  @Test
  void steadyGrowthIsReportedWithBothThirds() {
    assertThat(of(TENTH, LongStream.range(100, 160).boxed()).problem())
        .contains("figure grows: from 110 in the first third to 150 in the last, over 126");
  }

  @Test
  void growthWithinTheBoundIsFlat() {
    Stream<Long> slow = LongStream.range(0, 60).map(n -> 100 + n / 4).boxed();
    assertThat(of(TENTH, slow).problem()).isEmpty();
  }

  @Test
  void oneValueOutOfManyIsNoTrendButMayBeTooHigh() {
    List<Long> values = List.of(9L, 9L, 9L, 9L, 9L, 9L, 9L, 1_001L, 9L);
    assertThat(of(new Bound(10, 5, 1_001), values.stream()).problem()).isEmpty();
    assertThat(of(TENTH, values.stream()).problem()).contains("figure came to 1001, over 1000");
  }

  @Test
  void growthFromZeroIsReported() {
    Stream<Long> left = Stream.of(0L, 0L, 0L, 1L, 1L, 1L, 1L, 1L, 1L);
    assertThat(of(Bound.of("events" + Sampler.ROWS), left).problem()).isPresent();
  }

  @Test
  void fewSamplesSayNothing() {
    assertThatThrownBy(() -> of(TENTH, LongStream.range(0, 8).boxed()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
