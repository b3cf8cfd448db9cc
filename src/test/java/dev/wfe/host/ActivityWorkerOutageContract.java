package dev.wfe.host;

import static dev.wfe.host.ActivityWorkerContract.PAY;
import static dev.wfe.host.ActivityWorkerContract.pay;
import static dev.wfe.host.ActivityWorkerContract.paying;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.PointerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an {@link ActivityWorker} does about holds, outages, and when it is closed. */
abstract class ActivityWorkerOutageContract extends HostRule {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Workflow<Notes> workflow = paying();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger renewals = new AtomicInteger();
  private final CountDownLatch working = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private CountDownLatch gate;
  private Interceptor interceptor;

  @BeforeEach
  void intercept() {
    gate = gate();
    interceptor = new Interceptor(store);
  }

  /** A worker behind the interceptor, whose handler works until the gate opens. */
  private ActivityWorker.Builder working() {
    return worker(interceptor.provider())
        .hold(SHORT_LEASE)
        .activity(
            PAY,
            task -> {
              calls.incrementAndGet();
              working.countDown();
              try {
                gate.await();
              } catch (InterruptedException stop) {
                interrupted.countDown();
                throw stop;
              }
              return "first";
            });
  }

  private String startOne() throws InterruptedException {
    String id = pay(host(workflow), workflow, "bill");
    working.await();
    return id;
  }

  private void assertEndsWith(String id, String output) throws Exception {
    assertThat(ended(WorkflowClient.over(store), workflow, id).data().notes())
        .containsExactly("bill", output);
  }

  private boolean isOpen() {
    return !store.getSubscriptions(Activities.OFFER, "pay", Instant.MAX).isEmpty();
  }

  @Test
  void holdIsRenewedWhileTheHandlerWorks() throws Exception {
    interceptor.intercept(
        (operation, call) -> {
          Object result = call.proceed();
          if (operation.equals("renewSubscriptionToken")) {
            assertThat(result).isEqualTo(true);
            renewals.incrementAndGet();
          }
          return result;
        });
    started(working());
    String id = startOne();
    AtomicInteger others = new AtomicInteger();
    started(
        worker(store)
            .activity(
                PAY,
                task -> {
                  others.incrementAndGet();
                  return "second";
                }));
    // longer than the hold, because each comes after a third of it
    Eventually.until("renewals", () -> renewals.get() >= 6);
    gate.countDown();
    assertEndsWith(id, "first");
    assertThat(others).hasValue(0);
    assertThat(calls).hasValue(1);
  }

  @Test
  void lostHoldInterruptsTheHandlerAndReportsNothing() throws Exception {
    started(working());
    String id = startOne();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("renewSubscriptionToken") || operation.equals("takeOffer")) {
            throw unavailable();
          }
          if (operation.equals("createEvent")) {
            failures.incrementAndGet();
          }
          return call.proceed();
        });
    AtomicInteger others = new AtomicInteger();
    CountDownLatch secondGate = gate();
    started(
        worker(store)
            .activity(
                PAY,
                task -> {
                  others.incrementAndGet();
                  secondGate.await();
                  return "second";
                }));
    Eventually.until("the second worker has it", () -> others.get() == 1);
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("createEvent")) {
            failures.incrementAndGet();
          }
          return call.proceed();
        });
    interrupted.await();
    secondGate.countDown();
    assertEndsWith(id, "second");
    assertThat(failures).hasValue(0);
  }

  @Test
  void resultIsStoredWhenTheDatabaseIsBack() throws Exception {
    started(working());
    String id = startOne();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("createEvent")) {
            failures.incrementAndGet();
          }
          throw unavailable();
        });
    gate.countDown();
    Eventually.until("reports fail", () -> failures.get() > 3);
    interceptor.pass();
    assertEndsWith(id, "first");
    assertThat(calls).hasValue(1);
  }

  @Test
  void resultIsStoredOnceAlthoughReportsHaveUnknownOutcomes() throws Exception {
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("createEvent") || operation.equals("terminateSubscription")) {
            boolean isBefore = failures.incrementAndGet() % 2 == 0;
            if (failures.get() < 6) {
              if (!isBefore) {
                call.proceed();
              }
              throw unknown(operation);
            }
          }
          return call.proceed();
        });
    started(working());
    String id = startOne();
    gate.countDown();
    assertEndsWith(id, "first");
    Eventually.until("no more reports", () -> failures.get() >= 6);
    assertThat(WorkflowClient.over(store).state(workflow, id).step("pay").orElseThrow().failures())
        .isZero();
  }

  @Test
  void handlerGoesOnAfterAnOutageThatIsLongerThanItsHold() throws Exception {
    CountDownLatch takenAgain = new CountDownLatch(1);
    AtomicInteger refused = new AtomicInteger();
    started(working());
    String id = startOne();
    interceptor.intercept(
        (operation, call) -> {
          boolean isTake = operation.equals("takeOffer");
          if (isTake ? !isOpen() : takenAgain.getCount() > 0) {
            throw unavailable();
          }
          Object result = call.proceed();
          if (isTake && !String.valueOf(result).equals("Optional.empty")) {
            takenAgain.countDown();
            Eventually.until("the old token is refused", () -> refused.get() > 0);
          } else if (operation.equals("renewSubscriptionToken")) {
            (Boolean.TRUE.equals(result) ? renewals : refused).incrementAndGet();
          }
          return result;
        });
    Eventually.until("renewed", () -> renewals.get() > 3);
    interceptor.pass();
    gate.countDown();
    assertEndsWith(id, "first");
    assertThat(calls).hasValue(1);
    assertThat(interrupted.getCount()).isEqualTo(1);
  }

  @Test
  void closeWaitsForHandlersAndTheirResults() throws Exception {
    ActivityWorker worker = started(working());
    String id = startOne();
    Thread closing = new Thread(worker::close);
    closing.start();
    Eventually.until("close waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
    Thread second = new Thread(worker::close);
    second.start();
    Eventually.until("a second close waits", () -> second.getState() == Thread.State.WAITING);
    gate.countDown();
    closing.join();
    second.join();
    assertThat(calls).hasValue(1);
    assertThat(interrupted.getCount()).isEqualTo(1);
    assertEndsWith(id, "first");
    worker.close();
  }

  /** Has no threads any more when it was told to end them. */
  private static final class OrderlyPool extends ThreadPoolExecutor {
    OrderlyPool() {
      super(1, 1, 1, TimeUnit.MINUTES, new SynchronousQueue<>());
    }

    @Override
    public List<Runnable> shutdownNow() {
      List<Runnable> waiting = super.shutdownNow();
      Eventually.until("threads end", this::isTerminated);
      return waiting;
    }
  }

  @Test
  void closeInterruptsHandlersAndGivesTheirActivitiesBack() throws Exception {
    ActivityWorker worker =
        started(
            working()
                .threads(1)
                .executor(new OrderlyPool())
                .hold(HOUR)
                .closeTimeout(Duration.ofMillis(10)));
    String id = startOne();
    worker.close();
    ActivityTask<String, String> task =
        ActivityClient.over(store, "another worker").take(PAY, HOUR).orElseThrow();
    interrupted.await();
    assertNoWorkerThreads();
    assertThat(task.attempt()).isEqualTo(1);
    StepState step = WorkflowClient.over(store).state(workflow, id).step("pay").orElseThrow();
    assertThat(step.failures()).isZero();
    assertThat(step.status()).isEqualTo(PointerStatus.WAITING_FOR_EVENT);
    task.complete("second");
    assertEndsWith(id, "second");
  }

  @Test
  void closeGivesBackWhatAHandlerThatIgnoresInterruptsHolds() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    ActivityWorker worker =
        started(
            worker(store)
                .hold(HOUR)
                .closeTimeout(Duration.ZERO)
                .activity(
                    PAY,
                    task -> {
                      working.countDown();
                      while (gate.getCount() > 0) {
                        Thread.onSpinWait();
                      }
                      done.countDown();
                      return "first";
                    }));
    String id = startOne();
    worker.close();
    ActivityTask<String, String> task =
        ActivityClient.over(store, "another worker").take(PAY, HOUR).orElseThrow();
    gate.countDown();
    done.await();
    assertNoWorkerThreads();
    task.complete("second");
    assertEndsWith(id, "second");
  }

  @Test
  void closeEndsWhileTheDatabaseIsAway() throws Exception {
    ActivityWorker worker = started(working().closeTimeout(Duration.ofMillis(10)));
    startOne();
    die(interceptor);
    gate.countDown();
    worker.close();
    assertNoWorkerThreads();
    worker.close();
  }

  @Test
  void closeTriesOnceMoreToStoreResults() throws Exception {
    ActivityWorker worker =
        started(
            working()
                .hold(HOUR)
                .polling(Duration.ofMinutes(1), HOUR)
                .closeTimeout(Duration.ofMillis(10)));
    String id = startOne();
    interceptor.intercept(
        (operation, call) -> {
          if (operation.equals("createEvent")) {
            failures.incrementAndGet();
            throw unavailable();
          }
          return call.proceed();
        });
    gate.countDown();
    Eventually.until("a report fails", () -> failures.get() == 1);
    interceptor.pass();
    worker.close();
    assertEndsWith(id, "first");
  }

  private static void assertNoWorkerThreads() {
    Eventually.until(
        "threads of the worker end",
        () -> hostThreads().stream().noneMatch(name -> name.startsWith("wfe-activity-")));
  }
}
