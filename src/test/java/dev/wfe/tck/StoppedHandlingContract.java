package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.CommandHandler;
import dev.wfe.persistence.ProcessedCommands;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a call before it has handled everything that is due. */
public abstract class StoppedHandlingContract extends HandlingContract {
  private static final int COMMANDS = 150;

  @AfterEach
  void clearInterruption() {
    Thread.interrupted();
  }

  private void scheduleMany() {
    schedule(IntStream.range(0, COMMANDS).mapToObj(i -> "command " + i).toArray(String[]::new));
  }

  private ProcessedCommands process(int limit, CommandHandler handler) {
    return provider()
        .processCommands(
            NOW,
            limit,
            command -> {
              handled.add(command.data());
              handler.handle(command);
            });
  }

  private static List<String> commands(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "command " + i).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 10, 73, 100, 149})
  void aLimitEndsTheCallAndTheRestStaysDue(int limit) {
    scheduleMany();

    ProcessedCommands processed = process(limit, command -> {});

    assertThat(processed).isEqualTo(new ProcessedCommands(limit, 0, List.of()));
    assertThat(handled).isEqualTo(commands(0, limit));
    assertThat(handledAt(NOW)).isEqualTo(commands(limit, COMMANDS));
    assertThat(handledAt(NOW)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 151, Integer.MAX_VALUE})
  void aLimitThatIsNotReachedChangesNothing(int limit) {
    scheduleMany();

    assertThat(process(limit, command -> {}).handled()).isEqualTo(COMMANDS);

    assertThat(handled).isEqualTo(commands(0, COMMANDS));
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void aLimitCountsCommandsWhoseHandlerThrew() {
    schedule("a", "bad", "b", "c");

    ProcessedCommands processed =
        process(
            3,
            command -> {
              if (command.data().equals("bad")) {
                throw new IllegalStateException("no");
              }
            });

    assertThat(handled).containsExactly("a", "bad", "b");
    assertThat(processed.handled()).isEqualTo(2);
    assertThat(processed.failed()).isEqualTo(1);
    assertThat(handledAt(NOW)).containsExactly("bad", "c");
  }

  @Test
  void withALimitOnlyDueCommandsAreHandedOut() {
    schedule("a", "b");

    assertThat(provider().processCommands(Instant.ofEpochMilli(AT - 2), 5, handler()).handled())
        .isEqualTo(1);

    assertThat(handled).containsExactly("a");
  }

  private CommandHandler handler() {
    return command -> handled.add(command.data());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 50, 100})
  void anInterruptionEndsTheCallAfterTheCommandInHand(int last) {
    scheduleMany();

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              if (command.data().equals("command " + last)) {
                Thread.currentThread().interrupt();
              }
            });

    assertThat(Thread.interrupted()).as("the thread is still interrupted").isTrue();
    assertThat(processed).isEqualTo(new ProcessedCommands(last + 1, 0, List.of()));
    assertThat(handled).isEqualTo(commands(0, last + 1));
    assertThat(handledAt(NOW)).isEqualTo(commands(last + 1, COMMANDS));
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void anInterruptedHandlerLeavesItsCommandDueAndEndsTheCall() {
    schedule("a", "b", "c");

    ProcessedCommands processed =
        process(
            NOW,
            command -> {
              if (command.data().equals("b")) {
                throw new InterruptedException("stop");
              }
            });

    assertThat(Thread.interrupted()).as("the thread is interrupted").isTrue();
    assertThat(processed.handled()).isEqualTo(1);
    assertThat(processed.failures())
        .extracting(ProcessedCommands.Failure::data)
        .containsExactly("b");
    assertThat(handledAt(NOW)).containsExactly("b", "c");
  }

  @Test
  void anInterruptedThreadIsHandedNothing() {
    schedule("a");
    Thread.currentThread().interrupt();

    ProcessedCommands processed = process(NOW, command -> {});

    assertThat(Thread.interrupted()).as("the thread is still interrupted").isTrue();
    assertThat(processed).isEqualTo(new ProcessedCommands(0, 0, List.of()));
    assertThat(handledAt(NOW)).containsExactly("a");
  }
}
