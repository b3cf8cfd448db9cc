package dev.wfe.postgres.internal.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.Subject;
import dev.wfe.persistence.UnknownOutcomeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RetriesTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final List<StoreException> failures = new ArrayList<>();

  private StoreUnavailableException passing() {
    return new StoreUnavailableException("failure " + failures.size(), List.of(), null);
  }

  /** Fails as told until there were so many failures. */
  private Supplier<Integer> failing(int times, Supplier<? extends StoreException> failure) {
    return () -> {
      if (failures.size() < times) {
        failures.add(failure.get());
        throw failures.get(failures.size() - 1);
      }
      return failures.size();
    };
  }

  @Test
  void transientFailuresAreRetriedUntilSuccess() {
    assertThat(new Retries(LONG).call(failing(3, this::passing))).isEqualTo(3);
  }

  @Test
  void theLastFailureKeepsTheEarlierOnes() {
    StoreUnavailableException last =
        catchThrowableOfType(
            StoreUnavailableException.class,
            () ->
                new Retries(Duration.ofMillis(200))
                    .call(failing(Integer.MAX_VALUE, this::passing)));

    assertThat(failures).hasSizeGreaterThan(1).last().isSameAs(last);
    assertThat(last.getSuppressed())
        .containsExactlyElementsOf(failures.subList(0, failures.size() - 1));
  }

  static Stream<StoreException> lasting() {
    return Stream.of(
        new NotFoundException(Subject.EVENT, "e"),
        new StoreSetupException("no table", null),
        new UnknownOutcomeException("persistWorkflow", true, List.of("w"), null));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void permanentFailuresAndUnknownOutcomesAreNotRetried(StoreException failure) {
    assertThatThrownBy(() -> new Retries(LONG).call(failing(2, () -> failure))).isSameAs(failure);

    assertThat(failures).hasSize(1);
  }

  @Test
  void withoutATimeoutNothingIsTriedAgain() {
    assertThatThrownBy(() -> new Retries(Duration.ZERO).call(failing(2, this::passing)))
        .isInstanceOf(StoreUnavailableException.class);

    assertThat(failures).hasSize(1);
  }

  @Test
  void anInterruptedThreadDoesNotTryAgainAndStaysInterrupted() {
    Supplier<Integer> interrupted =
        () -> {
          Thread.currentThread().interrupt();
          return failing(2, this::passing).get();
        };

    assertThatThrownBy(() -> new Retries(LONG).call(interrupted))
        .isInstanceOf(StoreUnavailableException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(failures).hasSize(1);
  }

  @Test
  void anInterruptionEndsTheWaitForTheNextTry() throws InterruptedException {
    List<Throwable> thrown = new ArrayList<>();
    List<Boolean> interrupted = new ArrayList<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                new Retries(LONG).call(failing(Integer.MAX_VALUE, this::passing));
              } catch (StoreUnavailableException failure) {
                thrown.add(failure);
                interrupted.add(Thread.currentThread().isInterrupted());
              }
            });
    caller.start();
    while (caller.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    caller.interrupt();
    caller.join();

    assertThat(thrown).containsExactly(failures.get(failures.size() - 1));
    assertThat(interrupted).containsExactly(true);
  }
}
