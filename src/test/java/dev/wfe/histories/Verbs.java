package dev.wfe.histories;

import java.util.Set;

/** What is recorded: the store's verbs under their own names, and what workers do themselves. */
final class Verbs {
  static final String CREATE = "createNewWorkflow";
  static final String PERSIST = "persistWorkflow";

  /** The same verb, of a value that has no revision. */
  static final String REPLACE = "persistWorkflow without a revision";

  static final String PERSIST_SUBSCRIBING = "persistWorkflowWithSubscriptions";
  static final String READ = "getWorkflowInstance";
  static final String READ_BY_NAME = "getWorkflowInstanceByName";
  static final String READ_MANY = "getWorkflowInstances";
  static final String RUNNABLE_INSTANCES = "getRunnableInstances";
  static final String NEXT_SEQUENCE = "nextDefinitionSequence";

  static final String SUBSCRIBE = "createEventSubscription";
  static final String READ_SUBSCRIPTION = "getSubscription";
  static final String OPEN_SUBSCRIPTIONS = "getSubscriptions";
  static final String TERMINATE = "terminateSubscription";
  static final String SET_TOKEN = "setSubscriptionToken";

  /** The same verb, until some time from now. */
  static final String SET_TOKEN_FOR = "setSubscriptionToken for a time";

  static final String CLEAR_TOKEN = "clearSubscriptionToken";

  static final String PUBLISH = "createEvent";
  static final String READ_EVENT = "getEvent";
  static final String EVENTS_SINCE = "getEventsSince";
  static final String RUNNABLE_EVENTS = "getRunnableEvents";
  static final String MARK_PROCESSED = "markEventProcessed";
  static final String MARK_UNPROCESSED = "markEventUnprocessed";

  static final String SCHEDULE = "scheduleCommand";
  static final String SCHEDULE_AT_EARLIEST = "scheduleCommandAtEarliest";
  static final String PROCESS = "processCommands";

  static final String PERSIST_ERRORS = "persistErrors";

  /**
   * A command in a handler; begins and ends within the handler, and says whether that called the
   * store.
   */
  static final String HANDLE = "handle";

  /** An event brought to a subscription. */
  static final String DELIVER = "deliver";

  /** A command that is still in the store after everything. */
  static final String LEFT = "left";

  /** All errors that are in the store after everything. */
  static final String STORED_ERRORS = "stored errors";

  /** The end of a hold whose time is over: nobody calls it, it comes by itself. */
  static final String EXPIRE = "expire";

  /** Every verb that a run has to have called with success. */
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

  private Verbs() {}
}
