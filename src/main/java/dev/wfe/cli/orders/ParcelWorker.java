package dev.wfe.cli.orders;

import dev.wfe.cli.orders.OrderState.Parcel;
import dev.wfe.cli.orders.OrderState.Shipment;
import dev.wfe.host.ActivityTask;
import dev.wfe.host.ActivityWorker;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;

/**
 * Ships parcels. It knows no workflows, and could run in a program of its own. If it dies, other
 * workers can take its parcels after a short time. Thread-safe.
 */
final class ParcelWorker {
  private static final Duration HOLD = Duration.ofSeconds(2);

  /** Shipping takes no time. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(100);

  private ParcelWorker() {}

  /** Begins a worker. */
  static ActivityWorker.Builder builder(PersistenceProvider provider) {
    return ActivityWorker.builder(provider)
        .activity(OrderWorkflow.SHIP, ParcelWorker::ship)
        .hold(HOLD)
        .closeTimeout(CLOSE_TIMEOUT);
  }

  static Shipment ship(ActivityTask<Parcel, Shipment> task) {
    if (task.input().failsOnce() && task.attempt() == 1) {
      throw new IllegalStateException("Nobody was at home");
    }
    return new Shipment("parcel service");
  }
}
