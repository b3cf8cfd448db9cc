package dev.wfe.histories;

import java.util.Set;

/** The names in a history: the provider's operations, and what workers do themselves. */
public final class OperationNames {
  public static final String CREATE = "createNewWorkflow";
  public static final String PERSIST = "persistWorkflow";

  /** The same operation, of a value that has no revision. */
  public static final String REPLACE = "persistWorkflow without a revision";

  public static final String PERSIST_SUBSCRIBING = "persistWorkflowWithSubscriptions";
  public static final String READ = "getWorkflowInstance";
  public static final String READ_BY_NAME = "getWorkflowInstanceByName";
  public static final String READ_MANY = "getWorkflowInstances";
  public static final String RUNNABLE_INSTANCES = "getRunnableInstances";
  public static final String NEXT_SEQUENCE = "nextDefinitionSequence";

  public static final String SUBSCRIBE = "createEventSubscription";
  public static final String READ_SUBSCRIPTION = "getSubscription";
  public static final String OPEN_SUBSCRIPTIONS = "getSubscriptions";
  public static final String TERMINATE = "terminateSubscription";
  public static final String SET_TOKEN = "setSubscriptionToken";

  /** The same operation, until some time from now. */
  public static final String SET_TOKEN_FOR = "setSubscriptionToken for a time";

  public static final String CLEAR_TOKEN = "clearSubscriptionToken";

  public static final String PUBLISH = "createEvent";
  public static final String READ_EVENT = "getEvent";
  public static final String EVENTS_SINCE = "getEventsSince";
  public static final String RUNNABLE_EVENTS = "getRunnableEvents";
  public static final String MARK_PROCESSED = "markEventProcessed";
  public static final String MARK_UNPROCESSED = "markEventUnprocessed";

  public static final String SCHEDULE = "scheduleCommand";
  public static final String SCHEDULE_AT_EARLIEST = "scheduleCommandAtEarliest";
  public static final String PROCESS = "processCommands";

  public static final String PERSIST_ERRORS = "persistErrors";

  /**
   * A command in a handler; begins and ends within the handler, and says whether that called the
   * store.
   */
  public static final String HANDLE = "handle";

  /** An event brought to a subscription. */
  public static final String DELIVER = "deliver";

  /** A command that is still in the store after everything. */
  public static final String LEFT = "left";

  /** All errors that are in the store after everything. */
  public static final String STORED_ERRORS = "stored errors";

  /** The end of a hold whose time is over: nobody calls it, it comes by itself. */
  public static final String EXPIRE = "expire";

  /** Every operation that a run has to have called with success. */
  static final Set<String> ALL =
      Set.of(
          CREATE,
          PERSIST,
          REPLACE,
          PERSIST_SUBSCRIBING,
          READ,
          READ_BY_NAME,
          READ_MANY,
          RUNNABLE_INSTANCES,
          NEXT_SEQUENCE,
          SUBSCRIBE,
          READ_SUBSCRIPTION,
          OPEN_SUBSCRIPTIONS,
          TERMINATE,
          SET_TOKEN,
          SET_TOKEN_FOR,
          CLEAR_TOKEN,
          PUBLISH,
          READ_EVENT,
          EVENTS_SINCE,
          RUNNABLE_EVENTS,
          MARK_PROCESSED,
          MARK_UNPROCESSED,
          PERSIST_ERRORS,
          SCHEDULE,
          SCHEDULE_AT_EARLIEST,
          PROCESS,
          HANDLE,
          DELIVER);

  private OperationNames() {}
}
