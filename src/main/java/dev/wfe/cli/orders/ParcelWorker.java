package dev.wfe.cli.orders;

import dev.wfe.cli.orders.OrderState.Parcel;
import dev.wfe.cli.orders.OrderState.Shipment;
import dev.wfe.host.ActivityClient;
import dev.wfe.host.ActivityTask;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.Optional;

/**
 * Ships parcels. It knows no workflows, and could run in a program of its own. If it dies, other
 * workers can take its parcel after a short time. Thread-safe.
 */
final class ParcelWorker {
  private static final Duration HOLD = Duration.ofSeconds(2);

  private final ActivityClient activities;
  private final String name;

  ParcelWorker(PersistenceProvider provider, String name) {
    this.activities = ActivityClient.over(provider, name);
    this.name = name;
  }

  /**
   * Ships one parcel.
   *
   * @return false if there is none
   */
  boolean work() {
    Optional<ActivityTask<Parcel, Shipment>> task = activities.take(OrderWorkflow.SHIP, HOLD);
    task.ifPresent(this::ship);
    return task.isPresent();
  }

  private void ship(ActivityTask<Parcel, Shipment> task) {
    if (task.input().failsOnce() && task.attempt() == 1) {
      task.fail("Nobody was at home");
    } else {
      task.complete(new Shipment(name));
    }
  }
}
