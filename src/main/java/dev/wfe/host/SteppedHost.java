package dev.wfe.host;

import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.persistence.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;

/**
 * A host without threads: it executes what is due in the calling thread, when it is told to. For
 * tests; {@code dev.wfe.testing.WorkflowTest} moves its clock. Not thread-safe.
 */
public final class SteppedHost {
  /** Without threads there is no heartbeat while the test's clock moves. */
  private static final Duration VALIDITY = Duration.ofDays(1);

  private final PersistenceProvider provider;
  private final Definitions definitions;
  private final List<Schedule<?>> schedules;
  private final HostJson json;
  private final InstantSource clock;
  private final Runs runs;
  private final EventDelivery events;
  private final Presence presence;
  private Instant nextSign = Instant.MIN;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Map<String, Queue<Exception>> failures = new HashMap<>();

  SteppedHost(
      PersistenceProvider provider,
      Definitions definitions,
      List<Schedule<?>> schedules,
      HostJson json,
      HostSettings settings,
      InstantSource clock,
      Listeners listeners) {
    this.provider = provider;
    this.definitions = definitions;
    this.schedules = List.copyOf(schedules);
    this.json = json;
    this.clock = clock;
    this.runs =
        new Runs(
            provider,
            definitions,
            json,
            settings,
            clock,
            time -> {},
            tasks::add,
            context -> failIfAsked(context.stepName()),
            listeners,
            () -> {},
            due -> {});
    this.presence = new Presence(provider, settings.owner(), VALIDITY, definitions);
    this.events =
        new EventDelivery(
            provider, definitions, json, settings, clock, client()::terminate, listeners);
  }

  /**
   * Compares the definitions with the stored ones, and stores the schedules, as {@link
   * WorkflowHost#start} does.
   *
   * @throws WorkflowDefinitionException if a definition differs from the stored one of its version
   */
  public void register() {
    definitions.register(provider);
    schedules.forEach(client().schedules()::schedule);
    sendHeartbeat();
  }

  private void sendHeartbeat() {
    if (!clock.instant().isBefore(nextSign)) {
      presence.sendHeartbeat();
      nextSign = clock.instant().plus(VALIDITY.dividedBy(2));
    }
  }

  /** A client on the same provider. */
  public WorkflowClient client() {
    return StoreClient.stepped(provider, json, clock);
  }

  /**
   * Executes everything that is due, and what becomes due by that at the same time.
   *
   * @return the time until the next workflow is due; empty if none is scheduled
   * @throws StoreException if the provider fails
   */
  public Optional<Duration> runDue() {
    sendHeartbeat();
    while (true) {
      Runs.Claimed claimed = runs.claim();
      while (runs.flush() || executed()) {
        // Each flush may start steps, which report in turn.
      }
      boolean delivered = events.deliver();
      if (claimed.count() == 0 && !delivered) {
        return claimed.untilNextDue();
      }
    }
  }

  private boolean executed() {
    Runnable task = tasks.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** How many instances this host has claimed and not given back. */
  int instancesUnderWay() {
    return runs.size();
  }

  /**
   * Lets the next execution of the step throw the exception instead of calling the step.
   *
   * @throws IllegalArgumentException if no definition has a step of the name
   */
  public void failNext(String stepName, Exception exception) {
    if (!definitions.haveStep(Objects.requireNonNull(stepName, "stepName"))) {
      throw new IllegalArgumentException("No definition has a step '%s'".formatted(stepName));
    }
    failures
        .computeIfAbsent(stepName, name -> new ArrayDeque<>())
        .add(Objects.requireNonNull(exception, "exception"));
  }

  private void failIfAsked(String stepName) throws Exception {
    Queue<Exception> waiting = failures.get(stepName);
    Exception next = waiting == null ? null : waiting.poll();
    if (next != null) {
      throw next;
    }
  }
}
