package dev.wfe.postgres;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.persistence.StoreSetupException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.ValueLimits;
import jakarta.persistence.EntityManagerFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A store of workflow state in PostgreSQL 14 or newer.
 *
 * <p>A verb that succeeds is one round trip, committed when it returns; {@link #processCommands}
 * takes one for each batch that it claims, and a token that is lost to somebody who came or went at
 * the same moment takes another. What fails and certainly changed nothing is tried again for {@link
 * PostgresOptions#retryTimeout}. What this provider opened, {@link #close} closes; what was lent
 * stays open. Thread-safe.
 */
public final class PostgresPersistenceProvider implements PersistenceProvider, AutoCloseable {
  private final Store store;

  private PostgresPersistenceProvider(Store store) {
    this.store = store;
  }

  /** As {@link #connect(String, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider connect(String url) {
    return connect(url, PostgresOptions.defaults());
  }

  /**
   * Opens a pool of connections to a database.
   *
   * @param url {@code postgres://user:password@host:port/database?parameters}, the same with {@code
   *     postgresql://}, with several hosts separated by commas, IPv6 addresses in brackets, special
   *     characters in user, password and database percent-encoded; or a {@code jdbc:postgresql:}
   *     URL. The parameters are the driver's. Besides what the driver always sends, only the
   *     application name travels when a connection starts
   * @throws InvalidValueException if the URL is malformed; not retryable
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the database refuses or is not as needed; not retryable
   */
  public static PostgresPersistenceProvider connect(String url, PostgresOptions options) {
    return new PostgresPersistenceProvider(
        Store.connect(ValueLimits.nonNull("connect", "url", url), options));
  }

  /** As {@link #over(DataSource, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider over(DataSource dataSource) {
    return over(dataSource, PostgresOptions.defaults());
  }

  /**
   * Over a data source of the application, which stays open. Its connections are borrowed for one
   * statement and given back as they came.
   *
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if it is not PostgreSQL 14 or newer, or its connections start in
   *     another isolation than READ COMMITTED; not retryable
   */
  public static PostgresPersistenceProvider over(DataSource dataSource, PostgresOptions options) {
    return new PostgresPersistenceProvider(Store.over(dataSource, options));
  }

  /** As {@link #over(EntityManagerFactory, PostgresOptions)} with the default options. */
  public static PostgresPersistenceProvider over(EntityManagerFactory factory) {
    return over(factory, PostgresOptions.defaults());
  }

  /**
   * Over Hibernate as the application started it, with the entities of {@code
   * dev.wfe.postgres.entity} in its persistence unit; it stays open. The unit {@code wfe} of this
   * library is such a one: {@code Persistence.createEntityManagerFactory("wfe", properties)}.
   *
   * @param options their schema and prefix must be those of the persistence unit; see {@link
   *     PostgresOptions#hibernateProperties}
   * @throws StoreUnavailableException if the database cannot be reached; retryable
   * @throws StoreSetupException if the factory is not Hibernate's, lacks the entities or maps them
   *     to other tables, or the database is not as needed; not retryable
   */
  public static PostgresPersistenceProvider over(
      EntityManagerFactory factory, PostgresOptions options) {
    return new PostgresPersistenceProvider(Store.over(factory, options));
  }

  /** Hibernate over the store's entities, for queries of one's own; closed with this provider. */
  public EntityManagerFactory entityManagerFactory() {
    return store.factory();
  }

  /** How the store is set up. */
  public PostgresOptions options() {
    return store.options();
  }

  @Override
  public void ensureStoreExists() {
    store.migrate();
  }

  /**
   * Compares the tables with the entities; changes nothing.
   *
   * @throws StoreSetupException if they differ, naming each table and column; not retryable
   */
  public void validateStore() {
    store.validate();
  }

  /** Empties every table, counters included. For tests. */
  public void truncateAll() {
    store.maintenance().truncateAll();
  }

  /**
   * Closes what this provider opened, not what it was lent. Repeatable; every other call after it
   * is refused with a {@link StoreSetupException}.
   */
  @Override
  public void close() {
    store.close();
  }

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    return store.workflows().createNewWorkflow(instance);
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    return store.workflows().persistWorkflow(instance);
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    return store.workflows().persistWorkflowWithSubscriptions(instance, subscriptions);
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    return store.workflows().findPersisted(instance);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return store.workflows().getRunnableInstances(asAt);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    return store.workflows().getRunnableInstances(asAt, limit);
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    return store.workflows().getWorkflowInstance(id);
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    return store.workflows().getWorkflowInstanceByName(name);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    return store.workflows().getWorkflowInstances(ids);
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    return store.workflows().nextDefinitionSequence(definitionId);
  }

  @Override
  public String createEvent(Event event) {
    return store.events().createEvent(event);
  }

  @Override
  public Event getEvent(String id) {
    return store.events().getEvent(id);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return store.events().getRunnableEvents(asAt);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    return store.events().getRunnableEvents(asAt, limit);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return store.events().getEvents(eventName, eventKey, asOf);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    return store.events().getEvents(eventName, eventKey, asOf, limit);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return store.events().getEventsSince(eventName, eventKey, from);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    return store.events().getEventsSince(eventName, eventKey, from, limit);
  }

  @Override
  public boolean markEventProcessed(String id) {
    return store.events().markEventProcessed(id);
  }

  @Override
  public void markEventUnprocessed(String id) {
    store.events().markEventUnprocessed(id);
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    return store.subscriptions().createEventSubscription(subscription);
  }

  @Override
  public List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf) {
    return store.subscriptions().getSubscriptions(eventName, eventKey, asOf);
  }

  @Override
  public List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit) {
    return store.subscriptions().getSubscriptions(eventName, eventKey, asOf, limit);
  }

  @Override
  public Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf) {
    return store.subscriptions().getFirstOpenSubscription(eventName, eventKey, asOf);
  }

  @Override
  public EventSubscription getSubscription(String id) {
    return store.subscriptions().getSubscription(id);
  }

  @Override
  public void terminateSubscription(String id) {
    store.subscriptions().terminateSubscription(id);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    return store.subscriptions().setSubscriptionToken(id, token, workerId, expiry);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    return store.subscriptions().setSubscriptionToken(id, token, workerId, duration);
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    store.subscriptions().clearSubscriptionToken(id, token);
  }

  @Override
  public boolean supportsScheduledCommands() {
    return store.commands().supportsScheduledCommands();
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    store.commands().scheduleCommand(command);
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    store.commands().scheduleCommandAtEarliest(command);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return store.commands().processCommands(asOf, handler);
  }

  @Override
  public void persistErrors(List<ExecutionError> errors) {
    store.maintenance().persistErrors(errors);
  }
}
