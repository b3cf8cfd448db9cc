package dev.wfe.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.Topic;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A provider that delegates to one repository for each concern. Each method calls the method of the
 * same name of its repository. Thread-safe if the repositories are.
 */
public abstract class CompositePersistenceProvider implements PersistenceProvider {
  /** The repository of workflow instances. Called once for each operation on them. */
  protected abstract WorkflowRepository workflows();

  /** The repository of events. Called once for each operation on them. */
  protected abstract EventRepository events();

  /** The repository of subscriptions. Called once for each operation on them. */
  protected abstract SubscriptionRepository subscriptions();

  /** The repository of scheduled commands. Called once for each operation on them. */
  protected abstract ScheduledCommandRepository commands();

  /** The repository of leases. Called once for each operation on them. */
  protected abstract LeaseRepository leases();

  /** What finds and counts. Called once for each of its operations. */
  protected abstract WorkflowQueries queries();

  /** The repository of hosts. Called once for each operation on them. */
  protected abstract HostRepository hosts();

  /** The repository that deletes and exports. Called once for each operation of it. */
  protected abstract RetentionRepository retention();

  @Override
  public String createNewWorkflow(WorkflowInstance instance) {
    return workflows().createNewWorkflow(instance);
  }

  @Override
  public WorkflowInstance create(WorkflowInstance instance) {
    return workflows().create(instance);
  }

  @Override
  public List<ItemResult<WorkflowInstance>> createAll(List<WorkflowInstance> instances) {
    return workflows().createAll(instances);
  }

  @Override
  public WriteResult write(WorkflowWrite write) {
    return workflows().write(write);
  }

  @Override
  public List<ItemResult<WriteResult>> writeAll(List<WorkflowWrite> writes) {
    return workflows().writeAll(writes);
  }

  @Override
  public WorkflowInstance persistWorkflow(WorkflowInstance instance) {
    return workflows().persistWorkflow(instance);
  }

  @Override
  public PersistedWorkflow persistWorkflowWithSubscriptions(
      WorkflowInstance instance, List<EventSubscription> subscriptions) {
    return workflows().persistWorkflowWithSubscriptions(instance, subscriptions);
  }

  @Override
  public Optional<WorkflowInstance> findPersisted(WorkflowInstance instance) {
    return workflows().findPersisted(instance);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt) {
    return workflows().getRunnableInstances(asAt);
  }

  @Override
  public List<String> getRunnableInstances(Instant asAt, int limit) {
    return workflows().getRunnableInstances(asAt, limit);
  }

  @Override
  public Page getRunnableInstances(Instant asAt, int limit, @Nullable Position after) {
    return workflows().getRunnableInstances(asAt, limit, after);
  }

  @Override
  public WorkflowInstance getWorkflowInstance(String id) {
    return workflows().getWorkflowInstance(id);
  }

  @Override
  public WorkflowInstance getWorkflowInstanceByName(String name) {
    return workflows().getWorkflowInstanceByName(name);
  }

  @Override
  public List<WorkflowInstance> getWorkflowInstances(Collection<String> ids) {
    return workflows().getWorkflowInstances(ids);
  }

  @Override
  public LiveWorkflow getLiveWorkflow(String id) {
    return workflows().getLiveWorkflow(id);
  }

  @Override
  public List<LiveWorkflow> getLiveWorkflows(Collection<String> ids) {
    return workflows().getLiveWorkflows(ids);
  }

  @Override
  public JsonNode registerDefinition(DefinitionVersion definition, JsonNode graph) {
    return workflows().registerDefinition(definition, graph);
  }

  @Override
  public Optional<JsonNode> getDefinition(DefinitionVersion definition) {
    return workflows().getDefinition(definition);
  }

  @Override
  public long nextDefinitionSequence(String definitionId) {
    return workflows().nextDefinitionSequence(definitionId);
  }

  @Override
  public String createEvent(Event event) {
    return events().createEvent(event);
  }

  @Override
  public List<ItemResult<String>> createEvents(List<Event> events) {
    return events().createEvents(events);
  }

  @Override
  public Event getEvent(String id) {
    return events().getEvent(id);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt) {
    return events().getRunnableEvents(asAt);
  }

  @Override
  public List<String> getRunnableEvents(Instant asAt, int limit) {
    return events().getRunnableEvents(asAt, limit);
  }

  @Override
  public Page getRunnableEvents(Instant asAt, int limit, @Nullable Position after) {
    return events().getRunnableEvents(asAt, limit, after);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf) {
    return events().getEvents(eventName, eventKey, asOf);
  }

  @Override
  public List<String> getEvents(String eventName, String eventKey, Instant asOf, int limit) {
    return events().getEvents(eventName, eventKey, asOf, limit);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from) {
    return events().getEventsSince(eventName, eventKey, from);
  }

  @Override
  public List<String> getEventsSince(String eventName, String eventKey, Instant from, int limit) {
    return events().getEventsSince(eventName, eventKey, from, limit);
  }

  @Override
  public Map<Topic, List<Position>> getEventsSince(Map<Topic, Instant> from, int limit) {
    return events().getEventsSince(from, limit);
  }

  @Override
  public List<Event> getEvents(Collection<String> ids) {
    return events().getEvents(ids);
  }

  @Override
  public List<ItemResult<Boolean>> markEventsProcessed(List<String> ids) {
    return events().markEventsProcessed(ids);
  }

  @Override
  public boolean markEventProcessed(String id) {
    return events().markEventProcessed(id);
  }

  @Override
  public void markEventUnprocessed(String id) {
    events().markEventUnprocessed(id);
  }

  @Override
  public String createEventSubscription(EventSubscription subscription) {
    return subscriptions().createEventSubscription(subscription);
  }

  @Override
  public List<EventSubscription> getSubscriptions(String eventName, String eventKey, Instant asOf) {
    return subscriptions().getSubscriptions(eventName, eventKey, asOf);
  }

  @Override
  public List<EventSubscription> getSubscriptions(
      String eventName, String eventKey, Instant asOf, int limit) {
    return subscriptions().getSubscriptions(eventName, eventKey, asOf, limit);
  }

  @Override
  public List<EventSubscription> getSubscriptions(Collection<Topic> topics, int limit) {
    return subscriptions().getSubscriptions(topics, limit);
  }

  @Override
  public Optional<EventSubscription> getFirstOpenSubscription(
      String eventName, String eventKey, Instant asOf) {
    return subscriptions().getFirstOpenSubscription(eventName, eventKey, asOf);
  }

  @Override
  public Optional<EventSubscription> takeOffer(
      String eventName, String eventKey, String token, String workerId, Duration duration) {
    return subscriptions().takeOffer(eventName, eventKey, token, workerId, duration);
  }

  @Override
  public EventSubscription getSubscription(String id) {
    return subscriptions().getSubscription(id);
  }

  @Override
  public void terminateSubscription(String id) {
    subscriptions().terminateSubscription(id);
  }

  @Override
  public List<ItemResult<String>> terminateSubscriptions(List<String> ids) {
    return subscriptions().terminateSubscriptions(ids);
  }

  @Override
  public void terminateSubscription(String id, String token) {
    subscriptions().terminateSubscription(id, token);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Instant expiry) {
    return subscriptions().setSubscriptionToken(id, token, workerId, expiry);
  }

  @Override
  public boolean setSubscriptionToken(String id, String token, String workerId, Duration duration) {
    return subscriptions().setSubscriptionToken(id, token, workerId, duration);
  }

  @Override
  public boolean renewSubscriptionToken(String id, String token, Duration duration) {
    return subscriptions().renewSubscriptionToken(id, token, duration);
  }

  @Override
  public void clearSubscriptionToken(String id, String token) {
    subscriptions().clearSubscriptionToken(id, token);
  }

  @Override
  public boolean supportsScheduledCommands() {
    return commands().supportsScheduledCommands();
  }

  @Override
  public void scheduleCommand(ScheduledCommand command) {
    commands().scheduleCommand(command);
  }

  @Override
  public List<ItemResult<ScheduledCommand>> scheduleCommands(List<ScheduledCommand> commands) {
    return commands().scheduleCommands(commands);
  }

  @Override
  public void scheduleCommandAtEarliest(ScheduledCommand command) {
    commands().scheduleCommandAtEarliest(command);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, CommandHandler handler) {
    return commands().processCommands(asOf, handler);
  }

  @Override
  public ProcessedCommands processCommands(Instant asOf, int limit, CommandHandler handler) {
    return commands().processCommands(asOf, limit, handler);
  }

  @Override
  public ClaimedWorkflows claimWorkflows(ClaimRequest request) {
    return leases().claimWorkflows(request);
  }

  @Override
  public Map<DefinitionVersion, DueWorkflow> getDueDefinitions() {
    return leases().getDueDefinitions();
  }

  @Override
  public List<ClaimedEvent> claimEvents(ClaimRequest request) {
    return leases().claimEvents(request);
  }

  @Override
  public Set<Claim> renew(Collection<Claim> claims, Duration lease) {
    return leases().renew(claims, lease);
  }

  @Override
  public void release(Collection<Claim> claims) {
    leases().release(claims);
  }

  @Override
  public CursoredPage<WorkflowSummary> findWorkflows(
      WorkflowFilter filter, WorkflowSort sort, PageRequest page) {
    return queries().findWorkflows(filter, sort, page);
  }

  @Override
  public RowCount countWorkflows(WorkflowFilter filter, int exactUpTo) {
    return queries().countWorkflows(filter, exactUpTo);
  }

  @Override
  public CursoredPage<EventSummary> findEvents(
      EventFilter filter, SortDirection direction, PageRequest page) {
    return queries().findEvents(filter, direction, page);
  }

  @Override
  public RowCount countEvents(EventFilter filter, int exactUpTo) {
    return queries().countEvents(filter, exactUpTo);
  }

  @Override
  public CursoredPage<SubscriptionSummary> findSubscriptions(
      SubscriptionFilter filter, SortDirection direction, PageRequest page) {
    return queries().findSubscriptions(filter, direction, page);
  }

  @Override
  public RowCount countSubscriptions(SubscriptionFilter filter, int exactUpTo) {
    return queries().countSubscriptions(filter, exactUpTo);
  }

  @Override
  public CursoredPage<ScheduledCommand> findCommands(
      CommandFilter filter, SortDirection direction, PageRequest page) {
    return queries().findCommands(filter, direction, page);
  }

  @Override
  public RowCount countCommands(CommandFilter filter, int exactUpTo) {
    return queries().countCommands(filter, exactUpTo);
  }

  @Override
  public CursoredPage<StoredError> findErrors(
      ErrorFilter filter, SortDirection direction, PageRequest page) {
    return queries().findErrors(filter, direction, page);
  }

  @Override
  public RowCount countErrors(ErrorFilter filter, int exactUpTo) {
    return queries().countErrors(filter, exactUpTo);
  }

  @Override
  public List<ErrorCount> countErrorsByMessage(ErrorFilter filter, int limit) {
    return queries().countErrorsByMessage(filter, limit);
  }

  @Override
  public LimitUsage getLimitUsage(String workflowId, @Nullable Duration period) {
    return queries().getLimitUsage(workflowId, period);
  }

  @Override
  public void registerHost(HostRegistration host) {
    hosts().registerHost(host);
  }

  @Override
  public boolean removeHost(String id) {
    return hosts().removeHost(id);
  }

  @Override
  public List<RegisteredHost> getHosts(int limit) {
    return hosts().getHosts(limit);
  }

  @Override
  public List<RegisteredHost> getLiveHosts(DefinitionVersion definition, int limit) {
    return hosts().getLiveHosts(definition, limit);
  }

  @Override
  public void deleteWorkflow(String id) {
    retention().deleteWorkflow(id);
  }

  @Override
  public void deleteWorkflowByName(String name) {
    retention().deleteWorkflowByName(name);
  }

  @Override
  public PurgeBatch purge(PurgeTarget target, int limit, @Nullable Position after) {
    return retention().purge(target, limit, after);
  }

  @Override
  public int purge(PurgeTarget target, List<StoredRecord> records) {
    return retention().purge(target, records);
  }

  @Override
  public int getPurgeableCount(PurgeTarget target, int limit) {
    return retention().getPurgeableCount(target, limit);
  }

  @Override
  public RecordPage getPurgeableRecords(
      PurgeTarget target, int limit, long maxBytes, @Nullable Position after) {
    return retention().getPurgeableRecords(target, limit, maxBytes, after);
  }

  @Override
  public RecordPage getRecords(
      Subject subject, int limit, long maxBytes, @Nullable Position after) {
    return retention().getRecords(subject, limit, maxBytes, after);
  }
}
