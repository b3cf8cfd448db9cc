package dev.wfe.histories;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecorderTest {
  @TempDir private Path folder;

  private List<Operation> read() {
    return HistoryFiles.read(folder).operations();
  }

  @Test
  void recordedOperationsAreReadAsWritten() {
    try (Recorder recorder = new Recorder(folder, "one")) {
      recorder.call("operation", "key", Map.of("a", "1"), () -> 7, number -> number);
    }

    Operation operation = read().get(0);
    assertThat(operation.name()).isEqualTo("operation");
    assertThat(operation.key()).isEqualTo("key");
    assertThat(operation.argument("a")).isEqualTo("1");
    assertThat(operation.outcome()).isEqualTo(Outcome.OK);
    assertThat(operation.result().asInt()).isEqualTo(7);
    assertThat(operation.invoked()).isZero();
    assertThat(operation.returned()).isBetween(0L, Operation.NEVER - 1);
  }

  @Test
  void aRefusalIsReadByItsType() {
    try (Recorder recorder = new Recorder(folder, "one")) {
      recorder.call(
          "operation",
          "key",
          Map.of(),
          () -> {
            throw new StaleRevisionException("w");
          });
    }

    Operation operation = read().get(0);
    assertThat(operation.isRefusedAs(StaleRevisionException.class)).isTrue();
    assertThat(operation.result().asText()).contains("Another writer changed workflow");
    assertThat(operation.returned()).isLessThan(Operation.NEVER);
  }

  @Test
  void anUnknownOutcomeHasNoEnd() {
    try (Recorder recorder = new Recorder(folder, "one")) {
      recorder.call(
          "operation",
          "key",
          Map.of(),
          () -> {
            throw new UnknownOutcomeException("operation", false, List.of(), null);
          });
    }

    Operation operation = read().get(0);
    assertThat(operation.isUnknown()).isTrue();
    assertThat(operation.returned()).isEqualTo(Operation.NEVER);
  }

  @Test
  void theBeginningIsWrittenBeforeTheCallIsMade() {
    try (Recorder recorder = new Recorder(folder, "one")) {
      boolean done =
          recorder.call(
              "operation",
              "key",
              Map.of(),
              () -> {
                Operation operation = read().get(0);
                assertThat(operation.isUnknown()).isTrue();
                assertThat(operation.result().asText()).isEqualTo("(no return)");
              });
      assertThat(done).isTrue();
    }
    assertThat(read()).singleElement().matches(Operation::isOk);
  }

  @Test
  void aLineThatWasCutOffIsAsIfItHadNotBeenWritten() throws IOException {
    try (Recorder recorder = new Recorder(folder, "one")) {
      recorder.call("operation", "key", Map.of(), () -> {});
    }
    Path file = folder.resolve("one.jsonl");
    String text = Files.readString(file);

    Files.writeString(file, text.substring(0, text.length() - 3));
    assertThat(read()).singleElement().matches(Operation::isUnknown);

    Files.writeString(file, text.substring(0, text.indexOf('\n')));
    assertThat(read()).isEmpty();
  }

  @Test
  void recordsAreMergedInTheOrderOfTheirBeginnings() {
    try (Recorder one = new Recorder(folder, "one");
        Recorder other = new Recorder(folder, "other")) {
      other.call("first", "key", Map.of(), () -> {});
      one.call("second", "key", Map.of(), () -> {});
      other.call("third", "key", Map.of(), () -> {});
    }

    List<Operation> operations = read();
    assertThat(operations).extracting(Operation::name).containsExactly("first", "second", "third");
    assertThat(operations.get(0).isBefore(operations.get(1))).isTrue();
    assertThat(operations).extracting(Operation::id).doesNotHaveDuplicates();
  }
}
