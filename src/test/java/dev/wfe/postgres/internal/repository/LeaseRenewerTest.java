package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StoreFailureException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
final class LeaseRenewerTest {
  private static final Duration SHORT = Duration.ofMillis(30);

  private CommandLeases leases = new CommandLeases(SHORT);

  @AfterEach
  void close() {
    leases.close();
  }

  static List<BooleanSupplier> failures() {
    return List.of(
        () -> {
          throw new StoreFailureException("refused", List.of(), null);
        },
        () -> {
          throw new IllegalStateException("The pool is closed");
        },
        () -> {
          throw new NoClassDefFoundError("missing");
        });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailedRenewalIsRetried(BooleanSupplier failure) throws Exception {
    CountDownLatch renewals = new CountDownLatch(4);

    try (LeaseRenewer renewer =
        leases.startRenewing(
            System.nanoTime(),
            () -> {
              renewals.countDown();
              return renewals.getCount() == 0 || failure.getAsBoolean();
            })) {
      assertThat(renewals.await(50, TimeUnit.SECONDS)).isTrue();
      while (!renewer.isHeld()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aLostLeaseIsNoLongerHeld() {
    leases.close();
    leases = new CommandLeases(Duration.ofSeconds(3));

    try (LeaseRenewer renewer = leases.startRenewing(System.nanoTime(), () -> false)) {
      assertThat(renewer.isHeld()).isTrue();
      while (renewer.isHeld()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aLeaseCountsFromWhenItWasRequested() {
    Duration lease = Duration.ofHours(1);
    leases.close();
    leases = new CommandLeases(lease);

    try (LeaseRenewer late = leases.startRenewing(System.nanoTime() - lease.toNanos(), () -> true);
        LeaseRenewer inTime = leases.startRenewing(System.nanoTime(), () -> true)) {
      assertThat(late.isHeld()).isFalse();
      assertThat(inTime.isHeld()).isTrue();
    }
  }
}
