package dev.wfe.persistence;

import java.util.List;

/**
 * The hosts of a store, as they register themselves: so that people can tell which ones are live,
 * and what these execute. Nothing else depends on it: claims and leases do not. A host that does
 * not register itself is not known here; it may execute workflows all the same.
 *
 * <p>The operations may be called in a caller's transaction. Every one throws a {@link
 * StoreUnavailableException} if the database cannot be reached, which is retryable. Thread-safe.
 */
public interface HostRepository {
  /** The largest number of hosts of one answer. */
  int MAX_HOSTS = 1_000;

  /** For how many days the row of a host stays after it has expired. */
  int KEPT_DAYS = 1;

  /** How many rows of other hosts one call removes. */
  int MAX_REMOVED = 100;

  /**
   * Registers a host, or notes its heartbeat. If there is a row with the id, only the times of the
   * heartbeat and of its expiry change. Otherwise the whole row is stored; so a host that was
   * paused for long is registered again. One statement. Calling again is safe.
   *
   * <p>The call also removes up to {@value #MAX_REMOVED} rows of other hosts that have been expired
   * for {@value #KEPT_DAYS} day by the database's clock. It does not wait for rows that somebody
   * else has locked.
   *
   * @throws InvalidValueException if a field cannot be stored or is out of range; not retryable
   */
  void registerHost(HostRegistration host);

  /**
   * Removes the row of a host, when the host ends. Calling again is safe.
   *
   * @return whether there was such a row
   * @throws InvalidValueException if the id is null; not retryable
   */
  boolean removeHost(String id);

  /**
   * The hosts, those that expire last first; ties by id, descending. So live ones come before
   * others. A row that cannot be read, because another program stored an invalid value, is left
   * out, and its id is logged.
   *
   * @param limit the largest number of results, 1 to {@value #MAX_HOSTS}
   * @throws InvalidValueException if the limit is out of range; not retryable
   */
  List<RegisteredHost> getHosts(int limit);

  /**
   * The hosts that are live and execute the version of the definition. Otherwise as {@link
   * #getHosts}.
   *
   * @throws InvalidValueException if a parameter is null or out of range; not retryable
   */
  List<RegisteredHost> getLiveHosts(DefinitionVersion definition, int limit);
}
