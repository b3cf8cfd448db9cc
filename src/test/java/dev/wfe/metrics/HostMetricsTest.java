package dev.wfe.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.AfterLastAttempt;
import dev.wfe.host.EventType;
import dev.wfe.host.RetryPolicy;
import dev.wfe.host.StepAttempt;
import dev.wfe.host.SteppedHost;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PurgeTarget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HostMetricsTest {
  private static final EventType<String> PAID = EventType.of("paid", String.class);
  private static final String SECRET = "a-secret";

  private Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider(() -> now);
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private SteppedHost host(Workflow<?>... workflows) {
    WorkflowHost.Builder builder =
        WorkflowHost.builder(store).listener(new HostMetrics(registry, Tags.of("shop", "s-1")));
    for (Workflow<?> workflow : workflows) {
      builder.workflow(workflow);
    }
    return builder.buildStepped(() -> now);
  }

  private static void fail(String data) {
    throw new IllegalStateException("on purpose: " + data);
  }

  private double count(String counter, String definition) {
    return registry.get(counter).tags("definition", definition, "version", "1").counter().count();
  }

  private Timer steps(String step, String outcome) {
    return registry.get("wfe.steps").tags("step", step, "outcome", outcome).timer();
  }

  @Test
  void aScriptedRunIsCountedExactly() {
    Workflow<String> paying =
        Workflow.define("paying", 1, String.class)
            .await("paid", PAID, order -> order, (order, by) -> order)
            .build();
    Workflow<String> failing =
        Workflow.define("failing", 1, String.class)
            .run(
                "broken",
                HostMetricsTest::fail,
                RetryPolicy.fixed(Duration.ofSeconds(10)).maxAttempts(3),
                AfterLastAttempt.TERMINATE)
            .build();
    Workflow<String> suspending =
        Workflow.define("suspending", 1, String.class)
            .run("broken too", HostMetricsTest::fail, RetryPolicy.none())
            .build();
    SteppedHost host = host(paying, failing, suspending);
    host.client().startWorkflow(paying, SECRET);
    host.client().startWorkflow(failing, SECRET);
    host.client().startWorkflow(suspending, SECRET);
    host.runDue();
    now = now.plusSeconds(20);
    host.runDue();
    now = now.plusSeconds(40);
    host.runDue();
    host.client().publish(PAID, SECRET, SECRET);
    now = now.plusSeconds(7);
    host.runDue();

    for (String definition : new String[] {"paying", "failing", "suspending"}) {
      assertThat(count("wfe.workflows.started", definition)).isEqualTo(1);
      assertThat(count("wfe.workflows.completed", definition))
          .isEqualTo(definition.equals("paying") ? 1 : 0);
      assertThat(count("wfe.workflows.failed", definition))
          .isEqualTo(definition.equals("failing") ? 1 : 0);
      assertThat(count("wfe.workflows.suspended", definition))
          .isEqualTo(definition.equals("suspending") ? 1 : 0);
      assertThat(count("wfe.leases.taken.over", definition)).isZero();
    }
    assertThat(steps("broken", "retried").count()).isEqualTo(2);
    assertThat(steps("broken", "failed").count()).isEqualTo(1);
    assertThat(steps("broken", "succeeded").count()).isZero();
    assertThat(registry.get("wfe.steps.attempts").tag("step", "broken").summary().totalAmount())
        .isEqualTo(3);
    assertThat(steps("broken too", "failed").count()).isEqualTo(1);
    Timer delivered = registry.get("wfe.events.delay").tag("event", "paid").timer();
    assertThat(delivered.count()).isEqualTo(1);
    assertThat(delivered.totalTime(TimeUnit.SECONDS)).isEqualTo(7);
    assertThat(registry.get("wfe.claims").summary().totalAmount()).isEqualTo(3 + 2);
  }

  @Test
  void noMeterHasAnIdOrAPayload() {
    aScriptedRunIsCountedExactly();
    assertThat(registry.getMeters())
        .allSatisfy(
            meter -> {
              assertThat(meter.getId().toString()).doesNotContain(SECRET);
              assertThat(meter.getId().getTag("shop")).isEqualTo("s-1");
              assertThat(meter.getId().getTags())
                  .allSatisfy(
                      tag ->
                          assertThat(tag.getKey())
                              .isIn("shop", "definition", "version", "step", "outcome", "event"));
            });
  }

  @Test
  void countersOfADefinitionExistBeforeSomethingHappens() {
    HostMetrics metrics = new HostMetrics(registry);
    assertThat(registry.find("wfe.workflows.failed").counter()).isNull();
    metrics.workflowClaimed(new DefinitionVersion("order", 1), Duration.ofSeconds(3), false);
    assertThat(count("wfe.workflows.failed", "order")).isZero();
    assertThat(registry.get("wfe.workflows.delay").timer().totalTime(TimeUnit.SECONDS))
        .isEqualTo(3);
    metrics.workflowClaimed(new DefinitionVersion("order", 1), Duration.ZERO, true);
    assertThat(count("wfe.leases.taken.over", "order")).isEqualTo(1);
  }

  @Test
  void metersOfAnotherApplicationStay() {
    Counter other = registry.counter("shop.orders");
    HostMetrics metrics = new HostMetrics(registry);
    metrics.stepAttempted(
        new StepAttempt(
            new DefinitionVersion("order", 1),
            "ship",
            2,
            StepAttempt.Result.SUCCEEDED,
            Duration.ofMillis(1_500)));
    assertThat(steps("ship", "succeeded").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(1_500);
    assertThat(other.count()).isZero();
  }

  @Test
  void whatTheRetentionDeletesIsCountedByKind() {
    HostMetrics metrics = new HostMetrics(registry);
    metrics.purged(PurgeTarget.Kind.WORKFLOW, 3);
    metrics.purged(PurgeTarget.Kind.WORKFLOW, 2);
    metrics.purged(PurgeTarget.Kind.EVENT, 1);

    assertThat(registry.get("wfe.purged").tag("kind", "workflow").counter().count()).isEqualTo(5);
    assertThat(registry.get("wfe.purged").tag("kind", "event").counter().count()).isEqualTo(1);
  }
}
