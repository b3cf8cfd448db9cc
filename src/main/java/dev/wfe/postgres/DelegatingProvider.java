package dev.wfe.postgres;

import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.Page;
import dev.wfe.persistence.PersistedWorkflow;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.Position;
import dev.wfe.persistence.ProcessedCommands;
import dev.wfe.postgres.internal.store.Repositories;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All verbs, by what implements each. */
abstract class DelegatingProvider implements PersistenceProvider {
  abstract Repositories repositories();

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    return repositories().workflows().createNewWorkflow(instance);
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    return repositories().workflows().persistWorkflow(instance);
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    return repositories().workflows().persistWorkflowWithSubscriptions(instance, subscriptions);
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    return repositories().workflows().findPersisted(instance);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return repositories().workflows().getRunnableInstances(asAt);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    return repositories().workflows().getRunnableInstances(asAt, limit);
  }

  @Override
  public Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after) {
    return repositories().workflows().getRunnableInstances(asAt, limit, after);
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    return repositories().workflows().getWorkflowInstance(id);
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    return repositories().workflows().getWorkflowInstanceByName(name);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    return repositories().workflows().getWorkflowInstances(ids);
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    return repositories().workflows().nextDefinitionSequence(definitionId);
  }

  @Override
  public String createEvent(Event event) {
    return repositories().events().createEvent(event);
  }

  @Override
  public Event getEvent(String id) {
    return repositories().events().getEvent(id);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return repositories().events().getRunnableEvents(asAt);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    return repositories().events().getRunnableEvents(asAt, limit);
  }

  @Override
  public Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after) {
    return repositories().events().getRunnableEvents(asAt, limit, after);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return repositories().events().getEvents(eventName, eventKey, asOf);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    return repositories().events().getEvents(eventName, eventKey, asOf, limit);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return repositories().events().getEventsSince(eventName, eventKey, from);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    return repositories().events().getEventsSince(eventName, eventKey, from, limit);
  }

  @Override
  public boolean markEventProcessed(String id) {
    return repositories().events().markEventProcessed(id);
  }

  @Override
  public void markEventUnprocessed(String id) {
    repositories().events().markEventUnprocessed(id);
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    return repositories().subscriptions().createEventSubscription(subscription);
  }

  @Override
  public List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf) {
    return repositories().subscriptions().getSubscriptions(eventName, eventKey, asOf);
  }

  @Override
  public List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit) {
    return repositories().subscriptions().getSubscriptions(eventName, eventKey, asOf, limit);
  }

  @Override
  public Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf) {
    return repositories().subscriptions().getFirstOpenSubscription(eventName, eventKey, asOf);
  }

  @Override
  public EventSubscription getSubscription(String id) {
    return repositories().subscriptions().getSubscription(id);
  }

  @Override
  public void terminateSubscription(String id) {
    repositories().subscriptions().terminateSubscription(id);
  }

  @Override
  public void terminateSubscription(String id, String token) {
    repositories().subscriptions().terminateSubscription(id, token);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    return repositories().subscriptions().setSubscriptionToken(id, token, workerId, expiry);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    return repositories().subscriptions().setSubscriptionToken(id, token, workerId, duration);
  }

  @Override
  public boolean renewSubscriptionToken(String id, String token, Duration duration) {
    return repositories().subscriptions().renewSubscriptionToken(id, token, duration);
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    repositories().subscriptions().clearSubscriptionToken(id, token);
  }

  @Override
  public boolean supportsScheduledCommands() {
    return repositories().commands().supportsScheduledCommands();
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    repositories().commands().scheduleCommand(command);
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    repositories().commands().scheduleCommandAtEarliest(command);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return repositories().commands().processCommands(asOf, handler);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler) {
    return repositories().commands().processCommands(asOf, limit, handler);
  }

  @Override
  public void persistErrors(List<ExecutionError> errors) {
    repositories().maintenance().persistErrors(errors);
  }
}
