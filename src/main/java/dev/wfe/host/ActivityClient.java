package dev.wfe.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wfe.model.EventSubscription;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Takes activities, in any process that reaches the database; it needs no definition of a workflow.
 * For workers with a loop of their own; {@link ActivityWorker} has one. Thread-safe.
 */
public final class ActivityClient {
  private final PersistenceProvider provider;
  private final HostJson json;
  private final String worker;

  ActivityClient(PersistenceProvider provider, String worker, HostJson json) {
    this.provider = Objects.requireNonNull(provider, "provider");
    this.worker = Objects.requireNonNull(worker, "worker");
    this.json = json;
  }

  /**
   * Returns a client.
   *
   * @param worker names the worker, for those who look at what it holds; not empty
   */
  public static ActivityClient over(PersistenceProvider provider, String worker) {
    return new ActivityClient(provider, worker, HostJson.standard());
  }

  /** As {@link #over(PersistenceProvider, String)}, with the mapper for inputs and outputs. */
  public static ActivityClient over(
      PersistenceProvider provider, String worker, ObjectMapper mapper) {
    return new ActivityClient(provider, worker, new HostJson(mapper));
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
    return takeOffer(type, hold).map(taken -> task(type, taken));
  }

  /** An offer that is held, and whose input was not read yet. */
  record Taken(EventSubscription offer, String token) {}

  /** As {@link #take}, but does not read the input. */
  Optional<Taken> takeOffer(ActivityType<?, ?> type, Duration hold) {
    String token = UUID.randomUUID().toString();
    return provider
        .takeOffer(Activities.OFFER, type.name(), token, worker, hold)
        .map(offer -> new Taken(offer, token));
  }

  /**
   * Reads the input.
   *
   * @throws UnreadableDataException if it does not map to the class any more
   */
  <I, O> ActivityTask<I, O> task(ActivityType<I, O> type, Taken taken) {
    I input = json.read(Activities.input(taken.offer()), type.input());
    return new ActivityTask<>(provider, json, taken.offer(), taken.token(), input);
  }
}
