package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.CREATE;
import static dev.wfe.histories.OperationNames.PERSIST;
import static dev.wfe.histories.OperationNames.READ;
import static dev.wfe.histories.OperationNames.REPLACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StaleRevisionException;
import dev.wfe.persistence.StoreUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class InstanceCheckerTest {
  static String[] write(String name, String base) {
    return new String[] {"write", name, "based", base, "content", "of " + name};
  }

  static Map<String, String> value(String name) {
    return Map.of("write", name, "content", "of " + name);
  }

  private static HistoryBuilder builder() {
    return new HistoryBuilder()
        .ok(CREATE, "i", 0, 1, null, write("a", ""))
        .ok(PERSIST, "i", 2, 3, null, write("b", "a"));
  }

  static Stream<Arguments> right() {
    return Stream.of(
        Arguments.of(
            "one after the other",
            builder()
                .ok(READ, "i", 4, 5, value("b"))
                .refused(PERSIST, "i", 6, 7, StaleRevisionException.class, write("c", "a"))
                .ok(PERSIST, "i", 8, 9, null, write("d", "b"))
                .ok(READ, "i", 10, 11, value("d"))),
        Arguments.of(
            "not there, then created by one of two",
            new HistoryBuilder()
                .refused(READ, "i", 0, 1, NotFoundException.class)
                .ok(CREATE, "i", 2, 9, null, write("a", ""))
                .refused(CREATE, "i", 3, 8, DuplicateException.class, write("b", ""))
                .ok(READ, "i", 10, 11, value("a"))),
        Arguments.of(
            "a read beside a write sees the old or the new",
            builder()
                .ok(PERSIST, "i", 10, 20, null, write("c", "b"))
                .ok(READ, "i", 11, 12, value("b"))
                .ok(READ, "i", 13, 14, value("c"))
                .ok(READ, "i", 11, 15, value("b"))),
        Arguments.of(
            "an unknown write that landed late",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .ok(READ, "i", 11, 12, value("b"))
                .ok(READ, "i", 100, 101, value("c"))),
        Arguments.of(
            "an unknown write that never landed",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .ok(PERSIST, "i", 11, 12, null, write("d", "b"))
                .ok(READ, "i", 13, 14, value("d"))),
        Arguments.of(
            "stale because of an unknown write",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .refused(PERSIST, "i", 11, 12, StaleRevisionException.class, write("d", "b"))
                .ok(READ, "i", 13, 14, value("c"))),
        Arguments.of(
            "replaced, whatever was there",
            builder()
                .ok(REPLACE, "i", 4, 5, null, write("c", "*"))
                .refused(PERSIST, "i", 6, 7, StaleRevisionException.class, write("d", "b"))
                .ok(PERSIST, "i", 8, 9, null, write("e", "c"))
                .ok(READ, "i", 10, 11, value("e"))),
        Arguments.of(
            "replaced beside a write, which was there first",
            builder()
                .ok(REPLACE, "i", 4, 9, null, write("c", "*"))
                .ok(PERSIST, "i", 5, 6, null, write("d", "b"))
                .ok(READ, "i", 7, 8, value("d"))
                .ok(READ, "i", 10, 11, value("c"))),
        Arguments.of(
            "replaced late, by one that is unknown",
            builder()
                .unknown(REPLACE, "i", 4, write("c", "*"))
                .ok(PERSIST, "i", 5, 6, null, write("d", "b"))
                .refused(PERSIST, "i", 7, 8, StoreUnavailableException.class, write("e", "d"))
                .ok(READ, "i", 100, 101, value("c"))),
        Arguments.of(
            "not replaced, because it is not there",
            new HistoryBuilder()
                .refused(REPLACE, "i", 4, 5, NotFoundException.class, write("a", "*"))),
        Arguments.of(
            "refused by a store that could not be asked",
            builder()
                .refused(PERSIST, "i", 11, 12, StoreUnavailableException.class, write("d", "b"))
                .ok(READ, "i", 13, 14, value("b"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void possibleHistoriesAreAccepted(String what, HistoryBuilder builder) {
    assertThat(new InstanceChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "two writes on one base",
            builder()
                .ok(PERSIST, "i", 10, 20, null, write("c", "b"))
                .ok(PERSIST, "i", 11, 21, null, write("d", "b")),
            "an update is lost, both replaced 2 persistWorkflow"),
        Arguments.of(
            "an unknown write that was seen, and another on the same base",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .ok(READ, "i", 11, 12, value("c"))
                .ok(PERSIST, "i", 13, 14, null, write("d", "b")),
            "an update is lost, both replaced 2 persistWorkflow"),
        Arguments.of(
            "created twice",
            builder().ok(CREATE, "i", 0, 2, null, write("z", "")),
            "created twice: 1 createNewWorkflow"),
        Arguments.of(
            "a read that goes back",
            builder()
                .ok(PERSIST, "i", 10, 20, null, write("c", "b"))
                .ok(READ, "i", 11, 12, value("c"))
                .ok(READ, "i", 13, 14, value("b")),
            "a read went back: write 2 of the chain was known: 4 getWorkflowInstance"),
        Arguments.of(
            "a read that misses what was written",
            builder().ok(READ, "i", 4, 5, value("a")),
            "a read went back: write 1 of the chain was known: 2 persistWorkflow"),
        Arguments.of(
            "gone by itself",
            builder().refused(READ, "i", 4, 5, NotFoundException.class),
            "a read went back: write 1 of the chain was known: 2 persistWorkflow"),
        Arguments.of(
            "an end of the chain that was not acknowledged, then gone",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .ok(READ, "i", 11, 12, value("c"))
                .ok(READ, "i", 13, 14, value("b")),
            "a read went back: write 2 of the chain was known: 4 getWorkflowInstance"),
        Arguments.of(
            "read before it was written",
            builder().ok(READ, "i", 4, 5, value("c")).ok(PERSIST, "i", 6, 7, null, write("c", "b")),
            "a write came too late: write 2 of the chain was known: 3 getWorkflowInstance"),
        Arguments.of(
            "read what was refused",
            builder()
                .refused(PERSIST, "i", 4, 5, StaleRevisionException.class, write("c", "a"))
                .ok(READ, "i", 6, 7, value("c")),
            "read what was refused: 3 persistWorkflow"),
        Arguments.of(
            "read what nobody wrote",
            builder().ok(READ, "i", 6, 7, value("x")),
            "read what nobody wrote: 3 getWorkflowInstance"),
        Arguments.of(
            "read a mixture",
            builder().ok(READ, "i", 6, 7, Map.of("write", "b", "content", "of a")),
            "read other than it was written: 2 persistWorkflow"),
        Arguments.of(
            "stale for no reason",
            builder().refused(PERSIST, "i", 6, 7, StaleRevisionException.class, write("c", "b")),
            "refused for a write that nobody made: 3 persistWorkflow"),
        Arguments.of(
            "stale because of a later write",
            builder()
                .refused(PERSIST, "i", 6, 7, StaleRevisionException.class, write("c", "b"))
                .ok(PERSIST, "i", 8, 9, null, write("d", "b")),
            "a write came too late: write 2 of the chain was known: 3 persistWorkflow"),
        Arguments.of(
            "taken by nobody",
            new HistoryBuilder()
                .refused(CREATE, "i", 6, 7, DuplicateException.class, write("a", "")),
            "refused for a write that nobody made: 1 createNewWorkflow"),
        Arguments.of(
            "stale because of an unknown write that is not there",
            builder()
                .unknown(PERSIST, "i", 10, write("c", "b"))
                .refused(PERSIST, "i", 11, 12, StaleRevisionException.class, write("d", "b"))
                .ok(READ, "i", 13, 14, value("b")),
            "a read went back: write 2 of the chain was known: 4 persistWorkflow"),
        Arguments.of(
            "replaced, and the update that was based on the old value lost it",
            builder()
                .ok(REPLACE, "i", 4, 5, null, write("c", "*"))
                .ok(PERSIST, "i", 6, 7, null, write("d", "b")),
            "which leaves it c. Next would come, and cannot: 4 persistWorkflow"),
        Arguments.of(
            "replaced, and read as it was before",
            builder().ok(REPLACE, "i", 4, 5, null, write("c", "*")).ok(READ, "i", 6, 7, value("b")),
            "which leaves it c. Next would come, and cannot: 4 getWorkflowInstance"),
        Arguments.of(
            "replaced by a mixture",
            builder()
                .ok(REPLACE, "i", 4, 5, null, write("c", "*"))
                .ok(READ, "i", 6, 7, Map.of("write", "c", "content", "of b and c")),
            "read other than it was written: 3 persistWorkflow without a revision"),
        Arguments.of(
            "stale, though it has no revision",
            builder().refused(REPLACE, "i", 4, 5, StaleRevisionException.class, write("c", "*")),
            "Next would come, and cannot: 3 persistWorkflow without a revision"),
        Arguments.of(
            "replaced, though it was not there",
            new HistoryBuilder().ok(REPLACE, "i", 4, 5, null, write("a", "*")),
            "Next would come, and cannot: 1 persistWorkflow without a revision"),
        Arguments.of(
            "based on what was refused",
            builder()
                .refused(PERSIST, "i", 4, 5, StaleRevisionException.class, write("c", "a"))
                .ok(PERSIST, "i", 6, 7, null, write("d", "c")),
            "replaced what was never there: 4 persistWorkflow"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new InstanceChecker().check(builder.build());

    assertThat(violations).isNotEmpty();
    assertThat(violations.get(0).key()).isEqualTo("i");
    assertThat(violations.get(0).message()).contains(message);
  }
}
