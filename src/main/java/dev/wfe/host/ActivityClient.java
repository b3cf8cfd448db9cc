package dev.wfe.host;

import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Takes activities, in any process that reaches the database; it needs no definition of a workflow.
 * Thread-safe.
 */
public final class ActivityClient {
  private final PersistenceProvider provider;
  private final HostJson json;
  private final String worker;

  private ActivityClient(PersistenceProvider provider, String worker) {
    this.provider = Objects.requireNonNull(provider, "provider");
    this.worker = Objects.requireNonNull(worker, "worker");
    this.json = HostJson.standard();
  }

  /**
   * Returns a client.
   *
   * @param worker names the worker, for those who look at what it holds; not empty
   */
  public static ActivityClient over(PersistenceProvider provider, String worker) {
    return new ActivityClient(provider, worker);
  }

  /**
   * Takes the oldest activity of the type that no worker holds. Concurrent workers get different
   * ones.
   *
   * @param hold for how long, by the database's clock; renew it if the work takes longer
   * @return the activity, or empty if none is open
   * @throws InvalidValueException if the hold or the worker's name is out of range; not retryable
   * @throws UnreadableDataException if the stored input does not map to the class any more. The
   *     activity stays held for the time
   */
  public <I, O> Optional<ActivityTask<I, O>> take(ActivityType<I, O> type, Duration hold) {
    String token = UUID.randomUUID().toString();
    return provider
        .takeOffer(Activities.OFFER, type.name(), token, worker, hold)
        .map(
            offer ->
                new ActivityTask<>(
                    provider,
                    json,
                    offer,
                    token,
                    json.<I>read(Activities.input(offer), type.input())));
  }
}
