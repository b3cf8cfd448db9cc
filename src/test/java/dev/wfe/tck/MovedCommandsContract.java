package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ScheduledCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that are scheduled or rescheduled while handlers run: none is lost. */
public abstract class MovedCommandsContract extends HandlingContract {
  @ParameterizedTest
  @ValueSource(longs = {-1_000, 0, 1_000})
  void aCommandThatItsHandlerMovesStaysAndIsHandledOncePerCall(long offset) {
    schedule("self");

    process(
        NOW,
        command ->
            provider().scheduleCommand(ScheduledCommand.processWorkflow("self", AT + offset)));

    assertThat(handled).containsExactly("self");
    assertThat(handledAt(NOW.plusMillis(offset - 1))).isEmpty();
    assertThat(handledAt(NOW.plusMillis(offset))).containsExactly("self");
    assertThat(handledAt(Instant.MAX)).isEmpty();
  }

  @Test
  void aCommandMovedToTheVerySameTimeStays() {
    schedule("self");

    process(NOW, provider()::scheduleCommand);

    assertThat(handled).containsExactly("self");
    assertThat(handledAt(NOW)).containsExactly("self");
    assertThat(handledAt(NOW)).isEmpty();
  }

  @Test
  void aCommandThatItsHandlerMovesBeforeItFailsIsMoved() {
    schedule("self");

    process(
        NOW,
        command -> {
          provider().scheduleCommand(ScheduledCommand.processWorkflow("self", AT + 10));
          throw new IllegalStateException("after all");
        });

    assertThat(handledAt(NOW)).isEmpty();
    assertThat(handledAt(NOW.plusMillis(10))).containsExactly("self");
  }

  @Test
  void theTimeOfACommandThatIsBeingHandledDoesNotCountAsEarlier() {
    schedule("self");

    process(
        NOW,
        command -> {
          provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("self", AT + 20));
          provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("self", AT + 10));
          provider().scheduleCommandAtEarliest(ScheduledCommand.processWorkflow("self", AT + 15));
        });

    assertThat(handledAt(NOW.plusMillis(9))).isEmpty();
    assertThat(handledAt(NOW.plusMillis(10))).containsExactly("self");
    assertThat(handledAt(Instant.MAX)).isEmpty();
  }

  @Test
  void aCommandThatAnotherHostMovesWhileItIsHandledStays() {
    schedule("moved");

    process(
        NOW,
        command ->
            anotherHost().scheduleCommand(ScheduledCommand.processWorkflow("moved", AT + 10)));

    assertThat(handledAt(NOW)).isEmpty();
    assertThat(handledAt(NOW.plusMillis(10))).containsExactly("moved");
  }

  @Test
  void aCommandMovedLaterByTheHandlerOfAnotherIsHandledThen() {
    schedule("mover", "moved");

    process(
        NOW,
        command -> {
          if (command.data().equals("mover")) {
            provider().scheduleCommand(ScheduledCommand.processWorkflow("moved", AT + 10));
          }
        });

    assertThat(handled).startsWith("mover").hasSizeLessThanOrEqualTo(2);
    assertThat(handledAt(NOW)).isEmpty();
    assertThat(handledAt(NOW.plusMillis(10))).containsExactly("moved");
  }

  @Test
  void aCommandMovedEarlierByTheHandlerOfAnotherIsHandledOnce() {
    schedule("mover");
    provider().scheduleCommand(ScheduledCommand.processWorkflow("moved", AT + 10));

    process(
        NOW,
        command -> {
          if (command.data().equals("mover")) {
            provider().scheduleCommand(ScheduledCommand.processWorkflow("moved", AT - 10));
          }
        });
    List<String> all = new ArrayList<>(handled);
    all.addAll(handledAt(NOW));

    assertThat(all).containsExactly("mover", "moved");
    assertThat(handledAt(Instant.MAX)).isEmpty();
  }

  @Test
  void noScheduledWorkIsLostWhileHostsProcess() throws Exception {
    int rounds = 60;
    AtomicInteger scheduled = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();

    Together.run(
        () -> {
          for (int i = 1; i <= rounds; i++) {
            scheduled.set(i);
            provider().scheduleCommand(ScheduledCommand.processWorkflow("one", AT));
          }
          return rounds;
        },
        () -> {
          while (scheduled.get() < rounds) {
            anotherHost().processCommands(NOW, command -> seen.set(scheduled.get()));
          }
          return rounds;
        });
    process(NOW, command -> seen.set(scheduled.get()));

    assertThat(seen).hasValue(rounds);
    assertThat(handledAt(NOW)).isEmpty();
  }
}
