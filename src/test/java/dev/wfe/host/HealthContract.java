package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a host says about itself. */
abstract class HealthContract extends HostRule {
  private static final Duration OFTEN = Duration.ofSeconds(1);

  private final Workflow<Notes> workflow = define().run("step", notes -> {}).build();

  @Test
  void aHostIsReadyFromItsStartToItsClose() {
    WorkflowHost host = builder(store, workflow).build();
    hosts.add(host);
    assertThat(host.health().isReady()).isFalse();
    assertThat(host.health().lastContact()).isNull();
    assertThat(host.health().lag()).isNull();
    host.start();
    Eventually.until("first look", () -> host.health().lag() != null);
    HostHealth health = host.health();
    assertThat(health.isReady()).isTrue();
    assertThat(health.isRunning()).isTrue();
    assertThat(health.failingSince()).isNull();
    assertThat(health.lastContact()).isNotNull();
    assertThat(health.lag()).isZero();
    assertThat(health.unknownDefinitions()).isEmpty();
    host.close();
    assertThat(host.health().isReady()).isFalse();
    assertThat(host.health().isRunning()).isFalse();
  }

  @Test
  void whileTheDatabaseIsAwayTheHostIsRunningAndNotReady() {
    Interceptor away = new Interceptor(store);
    WorkflowHost host = started(builder(away.provider(), workflow));
    Eventually.until("contact", () -> host.health().lastContact() != null);
    die(away);
    Eventually.until("failure", () -> !host.health().isReady());
    HostHealth health = host.health();
    assertThat(health.isRunning()).isTrue();
    assertThat(health.failingSince()).isNotNull();
    away.pass();
    Eventually.until("recovery", () -> host.health().isReady());
    assertThat(Objects.requireNonNull(host.health().lastContact()))
        .isAfterOrEqualTo(Objects.requireNonNull(health.failingSince()));
  }

  @Test
  void whileTheDatabaseDoesNotAnswerTheHostIsNotReady() {
    CountDownLatch answer = gate();
    Interceptor silent = new Interceptor(store);
    WorkflowHost host = started(builder(silent.provider(), workflow).lease(SHORT_LEASE));
    Eventually.until("contact", () -> host.health().lastContact() != null);
    silent.intercept(
        (operation, call) -> {
          answer.await();
          return call.proceed();
        });
    Eventually.until("silence", () -> !host.health().isReady());
    assertThat(host.health().failingSince()).isNotNull();
    answer.countDown();
    Eventually.until("recovery", () -> host.health().isReady());
  }

  @Test
  void anUnknownDefinitionThatStaysDueIsNamedAndTheHostIsReady() {
    Workflow<Notes> unknown = Workflow.define("old", 7, Notes.class).run("s", n -> {}).build();
    var unused = WorkflowClient.over(store).startWorkflow(unknown, Notes.NONE);
    WorkflowHost host = started(builder(store, workflow).watchInterval(OFTEN));
    Eventually.until("second look", () -> !host.health().unknownDefinitions().isEmpty());
    HostHealth health = host.health();
    assertThat(health.unknownDefinitions()).containsExactly(new DefinitionVersion("old", 7));
    assertThat(health.isReady()).isTrue();
    assertThat(health.lag()).isZero();
    started(builder(store, unknown));
    Eventually.until("execution", () -> host.health().unknownDefinitions().isEmpty());
  }

  @Test
  void theLagIsTheAgeOfTheOldestDueWorkflowThatNoHostHasRoomFor() {
    CountDownLatch hold = gate();
    Workflow<Notes> slow = define().run("step", notes -> hold.await()).build();
    WorkflowHost host = started(builder(store, slow).workers(1).watchInterval(OFTEN));
    for (int i = 0; i < 3; i++) { // the host claims two
      var unused = host.startWorkflow(slow, Notes.NONE);
    }
    Eventually.until(
        "lag",
        () -> Objects.requireNonNullElse(host.health().lag(), Duration.ZERO).compareTo(OFTEN) > 0);
    assertThat(host.health().isReady()).isTrue();
    hold.countDown();
    Eventually.until("no lag", () -> Duration.ZERO.equals(host.health().lag()));
  }
}
