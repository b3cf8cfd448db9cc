package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** What the tests of a rule have in common: hosts on one store, which are closed at the end. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class HostRule {
  static final Duration SHORT_LEASE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  static final EventType<String> CALLED = EventType.of("called", String.class);

  final List<WorkflowHost> hosts = new ArrayList<>();
  private final List<ActivityWorker> workers = new ArrayList<>();
  private final List<CountDownLatch> gates = new ArrayList<>();
  PersistenceProvider store;

  /** An empty store. */
  protected abstract PersistenceProvider emptyStore();

  @BeforeEach
  void openStore() {
    store = emptyStore();
  }

  @AfterEach
  void closeHosts() {
    gates.forEach(CountDownLatch::countDown);
    workers.forEach(ActivityWorker::close);
    hosts.forEach(WorkflowHost::close);
  }

  final ActivityWorker.Builder worker(PersistenceProvider provider) {
    return ActivityWorker.builder(provider)
        .threads(4)
        .polling(Duration.ofMillis(10), Duration.ofMillis(200))
        .closeTimeout(Duration.ofSeconds(10));
  }

  final ActivityWorker started(ActivityWorker.Builder builder) {
    ActivityWorker worker = builder.build();
    workers.add(worker);
    worker.start();
    return worker;
  }

  final WorkflowHost.Builder builder(PersistenceProvider provider, Workflow<?>... workflows) {
    return WorkflowHost.builder(provider)
        .workflows(List.of(workflows))
        .workers(4)
        .polling(Duration.ofMillis(10), Duration.ofMillis(200))
        .closeTimeout(Duration.ofSeconds(10));
  }

  final WorkflowHost started(WorkflowHost.Builder builder) {
    WorkflowHost host = builder.build();
    hosts.add(host);
    host.start();
    return host;
  }

  final WorkflowHost host(Workflow<?>... workflows) {
    return started(builder(store, workflows));
  }

  /** A latch that is opened at the end of the test, whatever happens. */
  final CountDownLatch gate() {
    CountDownLatch gate = new CountDownLatch(1);
    gates.add(gate);
    return gate;
  }

  static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  final WorkflowState<Notes> ended(WorkflowClient client, Workflow<Notes> workflow, String id)
      throws Exception {
    return client.awaitEnd(workflow, id, PATIENCE);
  }

  final void awaitState(
      Workflow<Notes> workflow, String id, Predicate<WorkflowState<Notes>> condition) {
    WorkflowClient client = WorkflowClient.over(store);
    Eventually.until(
        "state of " + id + ", " + client.state(workflow, id),
        () -> condition.test(client.state(workflow, id)));
  }

  static StoreUnavailableException unavailable() {
    return new StoreUnavailableException("no connection", List.of(), null);
  }

  static UnknownOutcomeException unknown(String operation) {
    return new UnknownOutcomeException(operation, false, List.of(), null);
  }

  /** The provider of a host that can die: nothing it does reaches the store any more. */
  static void die(Interceptor interceptor) {
    interceptor.intercept(
        (operation, call) -> {
          throw unavailable();
        });
  }

  /** Threads of hosts that were closed end. */
  static void assertNoThreads() {
    try {
      Eventually.until("threads of the host end", () -> hostThreads().isEmpty());
    } catch (AssertionError alive) {
      throw new AssertionError("Threads of a host are alive: " + stacksOfHosts(), alive);
    }
  }

  private static List<String> stacksOfHosts() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> hostThreads().contains(thread.getKey().getName()))
        .map(thread -> thread.getKey() + " " + List.of(thread.getValue()))
        .toList();
  }

  static Collection<String> hostThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("wfe-(host|worker|activity)-.*"))
        .toList();
  }
}
