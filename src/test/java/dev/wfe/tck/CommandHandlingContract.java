package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ProcessedCommands;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that may occur while handlers run. */
public abstract class CommandHandlingContract extends HandlingContract {
  @Test
  void handlersRunInTheCallersThread() {
    schedule("a", "b");
    List<Thread> threads = new ArrayList<>();

    process(NOW, command -> threads.add(Thread.currentThread()));

    assertThat(threads).containsOnly(Thread.currentThread()).hasSize(2);
  }

  @Test
  void aFailingHandlerNeitherBlocksNorLosesTheOthers() {
    schedule("a", "bad 1", "b", "bad 2", "c");

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              if (command.data().startsWith("bad")) {
                throw new IllegalStateException("no " + command.data());
              }
            });

    assertThat(handled).containsExactly("a", "bad 1", "b", "bad 2", "c");
    assertThat(processed.handled()).isEqualTo(3);
    assertThat(processed.failed()).isEqualTo(2);
    assertThat(processed.failures())
        .extracting(ProcessedCommands.Failure::data)
        .containsExactlyInAnyOrder("bad 1", "bad 2");
    assertThat(processed.failures())
        .allSatisfy(
            failure -> {
              assertThat(failure.commandName()).isEqualTo("ProcessWorkflow");
              assertThat(failure.cause())
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessage("no " + failure.data());
            });
    assertThat(handledAt(NOW)).containsExactly("bad 1", "bad 2");
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void allFailuresAreCountedAndTheFirstHundredKept() {
    for (int i = 0; i < 150; i++) {
      schedule("command " + i);
    }

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              throw new IOException("checked, too");
            });

    assertThat(processed.failed()).isEqualTo(150);
    assertThat(processed.failures()).hasSize(ProcessedCommands.MAX_FAILURES);
    assertThat(handledAt(NOW)).hasSize(150);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        AssertionError.class,
        NoClassDefFoundError.class,
        StackOverflowError.class,
        InternalError.class,
        Throwable.class
      })
  void anErrorOfAHandlerLeavesItsCommandDueAndTheOthersGoOn(Class<? extends Throwable> type)
      throws Exception {
    schedule("bad", "a", "b");
    Throwable error = type.getDeclaredConstructor().newInstance();

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              if (command.data().equals("bad")) {
                throwAny(error);
              }
            });

    assertThat(handled).containsExactly("bad", "a", "b");
    assertThat(processed)
        .isEqualTo(
            new ProcessedCommands(
                2, 1, List.of(new ProcessedCommands.Failure("ProcessWorkflow", "bad", error))));
    assertThat(handledAt(NOW)).containsExactly("bad");
    assertThat(handledAt(NOW)).isEmpty();
  }

  /** As code in other languages may, whatever the handler declares. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwAny(Throwable error) throws T {
    throw (T) error;
  }

  @Test
  void aHandlerMayCallAnyOperation() {
    schedule("a", "b");

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              WorkflowInstance instance = Samples.fullInstance();
              provider().createNewWorkflow(instance);
              WorkflowInstance read = provider().getWorkflowInstance(instance.id());
              provider()
                  .persistWorkflowWithSubscriptions(
                      read, List.of(Samples.subscription("topic", Samples.NOON)));
              provider().markEventProcessed(provider().createEvent(Samples.event("t", NOW)));
              provider().nextDefinitionSequence("definition");
              provider().scheduleCommand(ScheduledCommand.processEvent(command.data(), AT + 1));
            });

    assertThat(processed).isEqualTo(new ProcessedCommands(2, 0, List.of()));
    assertThat(handledAt(NOW.plusMillis(1))).containsExactly("a", "b");
  }

  @Test
  void aHandlerMayProcessCommandsItself() {
    schedule("a", "b", "c");
    List<String> all = new ArrayList<>();

    provider()
        .processCommands(
            NOW,
            outer -> {
              all.add(outer.data());
              provider().processCommands(NOW, inner -> all.add(inner.data()));
            });

    assertThat(all).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void aCommandThatIsBeingHandledIsNotHandedToAnother() throws Exception {
    schedule("busy");
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);

    List<Long> counts =
        Together.run(
            () ->
                provider()
                    .processCommands(
                        NOW,
                        command -> {
                          started.countDown();
                          assertThat(mayEnd.await(60, TimeUnit.SECONDS)).isTrue();
                        })
                    .handled(),
            () -> {
              assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
              long ofOther = anotherHost().processCommands(NOW, command -> {}).handled();
              long ofSame = provider().processCommands(NOW, command -> {}).handled();
              mayEnd.countDown();
              return ofOther + ofSame;
            });

    assertThat(counts).containsExactly(1L, 0L);
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void hostsShareTheCommandsAndNoneIsHandledTwice() throws Exception {
    int commands = 200;
    IntStream.range(0, commands).forEach(i -> schedule("command " + i));
    ConcurrentHashMap<String, AtomicInteger> times = new ConcurrentHashMap<>();
    ConcurrentHashMap<String, AtomicBoolean> busy = new ConcurrentHashMap<>();
    AtomicBoolean overlapped = new AtomicBoolean();

    List<Long> counts =
        Together.run(
            4,
            number ->
                () ->
                    host(number)
                        .processCommands(
                            NOW,
                            command -> {
                              AtomicBoolean mine =
                                  busy.computeIfAbsent(command.data(), data -> new AtomicBoolean());
                              if (mine.getAndSet(true)) {
                                overlapped.set(true);
                              }
                              times
                                  .computeIfAbsent(command.data(), data -> new AtomicInteger())
                                  .incrementAndGet();
                              host(number).nextDefinitionSequence("some work");
                              mine.set(false);
                            })
                        .handled());

    long rest = handledAt(NOW).size();
    assertThat(counts.stream().mapToLong(Long::longValue).sum() + rest).isEqualTo(commands);
    assertThat(overlapped).isFalse();
    assertThat(times.values()).allSatisfy(count -> assertThat(count).hasValue(1));
  }
}
