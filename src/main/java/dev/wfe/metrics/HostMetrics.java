package dev.wfe.metrics;

import dev.wfe.host.DueWork;
import dev.wfe.host.HostListener;
import dev.wfe.host.StepAttempt;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PurgeTarget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Registers meters, and counts with them what a host does. {@code docs/watching.md} lists them.
 * Pass it to {@link dev.wfe.host.WorkflowHost.Builder#listener}:
 *
 * <pre>{@code
 * WorkflowHost.builder(provider).listener(new HostMetrics(registry))
 * }</pre>
 *
 * <p>The tags are names of definitions, versions, steps and event types, never ids. Reading a meter
 * reads no table. Several hosts may share an object, or have objects whose tags differ: with equal
 * tags, the gauges show the first host alone. Thread-safe.
 */
public final class HostMetrics implements HostListener {
  private final MeterRegistry registry;
  private final Tags tags;
  private final DistributionSummary claims;
  private final DistributionSummary writes;
  private final Map<DefinitionVersion, OfDefinition> definitions = new ConcurrentHashMap<>();
  private volatile DueWork due = new DueWork(0, 0, Duration.ZERO, Set.of());

  /** Registers meters without further tags. */
  public HostMetrics(MeterRegistry registry) {
    this(registry, Tags.empty());
  }

  /** Registers meters, each with the given tags. */
  public HostMetrics(MeterRegistry registry, Iterable<Tag> tags) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.tags = Tags.of(tags);
    claims =
        DistributionSummary.builder("wfe.claims")
            .description("Workflows that one claim took")
            .tags(this.tags)
            .register(registry);
    writes =
        DistributionSummary.builder("wfe.writes")
            .description("Workflows whose outcomes one write stored")
            .tags(this.tags)
            .register(registry);
    gauge("wfe.workflows.due", "Due workflows, up to 1,000", DueWork::due);
    gauge(
        "wfe.workflows.overdue",
        "Workflows that have been due for more than a minute, up to 1,000",
        DueWork::overdue);
    gauge(
        "wfe.definitions.unknown",
        "Definitions of which a workflow stays due, and which the host does not know",
        work -> work.unknownDefinitions().size());
    TimeGauge.builder(
            "wfe.workflows.due.age",
            this,
            TimeUnit.MILLISECONDS,
            metrics -> metrics.due.oldest().toMillis())
        .description("For how long the earliest workflow of the host's definitions has been due")
        .tags(this.tags)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<DueWork> value) {
    Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.due))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  /**
   * The meters of a definition. All but those of steps, sagas and events exist from the first claim
   * on.
   */
  private final class OfDefinition {
    private final Tags own;
    private final Counter started;
    private final Counter completed;
    private final Counter failed;
    private final Counter suspended;
    private final Timer delay;
    private final Counter takenOver;
    private final Counter leasesLost;
    private final Counter stale;
    private final Map<String, OfStep> steps = new ConcurrentHashMap<>();
    private final Map<String, Timer> events = new ConcurrentHashMap<>();
    private final Map<String, Counter> sagas = new ConcurrentHashMap<>();

    OfDefinition(DefinitionVersion definition) {
      own =
          tags.and(
              "definition",
              definition.definitionId(),
              "version",
              Integer.toString(definition.version()));
      started = counter("wfe.workflows.started", "Workflows that have begun");
      completed = counter("wfe.workflows.completed", "Workflows that are complete");
      failed =
          counter("wfe.workflows.failed", "Workflows that were terminated because a step failed");
      suspended =
          counter("wfe.workflows.suspended", "Workflows that were suspended because of an error");
      takenOver =
          counter(
              "wfe.leases.taken.over",
              "Workflows that were claimed after the lease of another host had expired");
      leasesLost = counter("wfe.leases.lost", "Leases that another host has taken over");
      stale =
          counter(
              "wfe.writes.stale",
              "Writes that were repeated, because somebody else had changed the workflow");
      delay =
          Timer.builder("wfe.workflows.delay")
              .description("For how long a workflow had been due when it was claimed")
              .tags(own)
              .register(registry);
    }

    private Counter counter(String name, String description) {
      return Counter.builder(name).description(description).tags(own).register(registry);
    }

    Counter saga(String name) {
      return sagas.computeIfAbsent(
          name,
          saga ->
              Counter.builder("wfe.sagas.compensated")
                  .description("Sagas that were compensated")
                  .tags(own.and("step", saga))
                  .register(registry));
    }

    OfStep step(String name) {
      return steps.computeIfAbsent(name, step -> new OfStep(own.and("step", step)));
    }

    Timer event(String name) {
      return events.computeIfAbsent(
          name,
          event ->
              Timer.builder("wfe.events.delay")
                  .description("From the publishing of an event to its stored delivery")
                  .tags(own.and("event", event))
                  .register(registry));
    }
  }

  /** The meters of a step. */
  private final class OfStep {
    private final Map<StepAttempt.Result, Timer> attempts = new EnumMap<>(StepAttempt.Result.class);
    private final DistributionSummary needed;

    OfStep(Tags own) {
      for (StepAttempt.Result result : StepAttempt.Result.values()) {
        attempts.put(
            result,
            Timer.builder("wfe.steps")
                .description("Attempts of a step, and how long they took")
                .tags(own.and("outcome", result.name().toLowerCase(Locale.ROOT)))
                .register(registry));
      }
      needed =
          DistributionSummary.builder("wfe.steps.attempts")
              .description("Attempts that a step has taken until it succeeded or failed for good")
              .tags(own)
              .register(registry);
    }

    void record(StepAttempt attempt) {
      Objects.requireNonNull(attempts.get(attempt.result())).record(attempt.duration());
      if (attempt.result() != StepAttempt.Result.RETRIED) {
        needed.record(attempt.number());
      }
    }
  }

  private OfDefinition of(DefinitionVersion definition) {
    OfDefinition known = definitions.get(definition);
    return known != null ? known : definitions.computeIfAbsent(definition, OfDefinition::new);
  }

  @Override
  public void workflowStarted(DefinitionVersion definition) {
    of(definition).started.increment();
  }

  @Override
  public void workflowCompleted(DefinitionVersion definition) {
    of(definition).completed.increment();
  }

  @Override
  public void workflowFailed(DefinitionVersion definition) {
    of(definition).failed.increment();
  }

  @Override
  public void workflowSuspended(DefinitionVersion definition) {
    of(definition).suspended.increment();
  }

  @Override
  public void sagaCompensated(DefinitionVersion definition, String saga) {
    of(definition).saga(saga).increment();
  }

  @Override
  public void stepAttempted(StepAttempt attempt) {
    of(attempt.definition()).step(attempt.step()).record(attempt);
  }

  @Override
  public void eventDelivered(DefinitionVersion definition, String event, Duration delay) {
    of(definition).event(event).record(delay);
  }

  @Override
  public void claimed(int workflows) {
    claims.record(workflows);
  }

  @Override
  public void workflowClaimed(DefinitionVersion definition, Duration delay, boolean isTakenOver) {
    OfDefinition meters = of(definition);
    meters.delay.record(delay);
    if (isTakenOver) {
      meters.takenOver.increment();
    }
  }

  @Override
  public void leaseLost(DefinitionVersion definition) {
    of(definition).leasesLost.increment();
  }

  @Override
  public void written(int workflows) {
    writes.record(workflows);
  }

  @Override
  public void writeStale(DefinitionVersion definition) {
    of(definition).stale.increment();
  }

  @Override
  public void purged(PurgeTarget.Kind kind, int count) {
    Counter.builder("wfe.purged")
        .description("Workflows, events, errors and orphans that the retention deleted")
        .tags(tags.and("kind", kind.name().toLowerCase(Locale.ROOT)))
        .register(registry)
        .increment(count);
  }

  @Override
  public void dueWork(DueWork work) {
    due = work;
  }
}
