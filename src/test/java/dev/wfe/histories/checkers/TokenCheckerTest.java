package dev.wfe.histories.checkers;

import static dev.wfe.histories.OperationNames.CLEAR_TOKEN;
import static dev.wfe.histories.OperationNames.PERSIST_SUBSCRIBING;
import static dev.wfe.histories.OperationNames.READ_SUBSCRIPTION;
import static dev.wfe.histories.OperationNames.SET_TOKEN;
import static dev.wfe.histories.OperationNames.SET_TOKEN_FOR;
import static dev.wfe.histories.OperationNames.SUBSCRIBE;
import static dev.wfe.histories.OperationNames.TERMINATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.persistence.DuplicateException;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.persistence.TokenMismatchException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TokenCheckerTest {
  private static HistoryBuilder builder() {
    return new HistoryBuilder().ok(SUBSCRIBE, "s", 0, 1, null, "subscription", "s");
  }

  private static long ms(double millis) {
    return (long) (millis * 1e6);
  }

  /** Held from some moment between 2 and 3 ms on, for 20 ms. */
  private static HistoryBuilder held() {
    return builder()
        .ok(SET_TOKEN_FOR, "s", ms(2), ms(3), true, "token", "a", "nanos", "20000000")
        .ok(SET_TOKEN, "s", ms(4), ms(5), false, "token", "b");
  }

  static Stream<Arguments> right() {
    return Stream.of(
        Arguments.of(
            "taken once the time is over",
            held()
                .ok(SET_TOKEN, "s", ms(19), ms(19.5), false, "token", "c")
                .ok(READ_SUBSCRIPTION, "s", ms(30), ms(31), "a")
                .ok(SET_TOKEN, "s", ms(32), ms(33), true, "token", "d")
                .refused(
                    CLEAR_TOKEN, "s", ms(34), ms(35), TokenMismatchException.class, "token", "a")),
        Arguments.of(
            "taken or not while the time may be over",
            held()
                .ok(SET_TOKEN, "s", ms(21), ms(22), false, "token", "c")
                .ok(SET_TOKEN, "s", ms(22.5), ms(22.6), true, "token", "d")),
        Arguments.of(
            "let go of by its holder, before the time is over and after",
            held()
                .ok(CLEAR_TOKEN, "s", ms(6), ms(7), null, "token", "a")
                .ok(SET_TOKEN_FOR, "s", ms(8), ms(9), true, "token", "c", "nanos", "1000000")
                .ok(CLEAR_TOKEN, "s", ms(50), ms(51), null, "token", "c")
                .ok(READ_SUBSCRIPTION, "s", ms(52), ms(53), null)),
        Arguments.of(
            "over before the call had returned",
            builder()
                .ok(SET_TOKEN_FOR, "s", ms(2), ms(90), true, "token", "a", "nanos", "20000000")
                .ok(SET_TOKEN, "s", ms(30), ms(40), true, "token", "b")),
        Arguments.of(
            "of an unknown one, at any time",
            builder()
                .unknown(SET_TOKEN_FOR, "s", ms(2), "token", "a", "nanos", "20000000")
                .ok(SET_TOKEN, "s", ms(90), ms(91), false, "token", "b")
                .ok(SET_TOKEN, "s", ms(92), ms(93), true, "token", "c")),
        Arguments.of(
            "one after the other",
            builder()
                .ok(SET_TOKEN, "s", 2, 3, true, "token", "a")
                .ok(SET_TOKEN, "s", 4, 5, false, "token", "b")
                .ok(READ_SUBSCRIPTION, "s", 6, 7, "a")
                .refused(CLEAR_TOKEN, "s", 8, 9, TokenMismatchException.class, "token", "b")
                .ok(CLEAR_TOKEN, "s", 10, 11, null, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 12, 13, null)
                .ok(TERMINATE, "s", 14, 15, null)
                .refused(SET_TOKEN, "s", 16, 17, NotFoundException.class, "token", "c")),
        Arguments.of(
            "the one that began later was there first",
            builder()
                .ok(SET_TOKEN, "s", 2, 10, false, "token", "a")
                .ok(SET_TOKEN, "s", 3, 10, true, "token", "b")),
        Arguments.of(
            "each of three passes it on within one interval",
            builder()
                .ok(SET_TOKEN, "s", 2, 20, true, "token", "a")
                .ok(SET_TOKEN, "s", 3, 20, true, "token", "b")
                .ok(SET_TOKEN, "s", 4, 20, true, "token", "c")
                .ok(CLEAR_TOKEN, "s", 5, 20, null, "token", "a")
                .ok(CLEAR_TOKEN, "s", 6, 20, null, "token", "b")
                .ok(READ_SUBSCRIPTION, "s", 21, 22, "c")),
        Arguments.of(
            "an unknown one took effect late",
            builder()
                .unknown(SET_TOKEN, "s", 2, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 100, 101, null)
                .ok(READ_SUBSCRIPTION, "s", 200, 201, "a")),
        Arguments.of(
            "an unknown one never took effect",
            builder()
                .unknown(SET_TOKEN, "s", 2, "token", "a")
                .ok(SET_TOKEN, "s", 3, 4, true, "token", "b")
                .ok(CLEAR_TOKEN, "s", 5, 6, null, "token", "b")
                .ok(READ_SUBSCRIPTION, "s", 7, 8, null)),
        Arguments.of(
            "an unknown one let go of it",
            builder()
                .ok(SET_TOKEN, "s", 2, 3, true, "token", "a")
                .unknown(CLEAR_TOKEN, "s", 4, "token", "a")
                .ok(SET_TOKEN, "s", 50, 60, true, "token", "b")),
        Arguments.of(
            "created with a workflow, by whoever came first",
            new HistoryBuilder()
                .ok(PERSIST_SUBSCRIBING, "w", 0, 1, null, "subscription", "s")
                .refused(SUBSCRIBE, "s", 2, 3, DuplicateException.class, "subscription", "s")
                .ok(SET_TOKEN, "s", 4, 5, true, "token", "a")),
        Arguments.of(
            "a store that could not be asked says nothing",
            builder()
                .refused(SET_TOKEN, "s", 2, 3, StoreUnavailableException.class, "token", "a")
                .ok(SET_TOKEN, "s", 4, 5, true, "token", "b")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void possibleHistoriesAreAccepted(String what, HistoryBuilder builder) {
    assertThat(new TokenChecker().check(builder.build())).isEmpty();
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "taken before the time is over",
            held().ok(SET_TOKEN, "s", ms(18), ms(19), true, "token", "c"),
            "held under a. Next would come, and cannot: 4 setSubscriptionToken"),
        Arguments.of(
            "held when the time is over",
            held().ok(SET_TOKEN, "s", ms(26), ms(27), false, "token", "c"),
            "expired under a. Next would come, and cannot: 4 setSubscriptionToken"),
        Arguments.of(
            "taken by two once the time is over",
            held()
                .ok(SET_TOKEN, "s", ms(30), ms(40), true, "token", "c")
                .ok(SET_TOKEN, "s", ms(31), ms(41), true, "token", "d"),
            "held under c. Next would come, and cannot: 5 setSubscriptionToken"),
        Arguments.of(
            "gone from the subscription when the time is over",
            held().ok(READ_SUBSCRIPTION, "s", ms(30), ms(31), null),
            "expired under a. Next would come, and cannot: 4 getSubscription"),
        Arguments.of(
            "of an unknown one, before its time",
            builder()
                .unknown(SET_TOKEN_FOR, "s", ms(2), "token", "a", "nanos", "20000000")
                .ok(SET_TOKEN, "s", ms(4), ms(5), false, "token", "b")
                .ok(SET_TOKEN, "s", ms(6), ms(7), true, "token", "c"),
            "held under a. Next would come, and cannot: 4 setSubscriptionToken"),
        Arguments.of(
            "two took hold of it",
            builder()
                .ok(SET_TOKEN, "s", 2, 10, true, "token", "a")
                .ok(SET_TOKEN, "s", 3, 11, true, "token", "b"),
            "The longest that can be explained is 2, ending with "
                + "1 createEventSubscription{\"subscription\":\"s\"} -> null [0.000..0.000 ms]; "
                + "2 setSubscriptionToken{\"token\":\"a\"} -> true [0.000..0.000 ms], "
                + "which leaves it held under a. Next would come, and cannot: "
                + "3 setSubscriptionToken{\"token\":\"b\"} -> true [0.000..0.000 ms]"),
        Arguments.of(
            "nobody took hold of it",
            builder()
                .ok(SET_TOKEN, "s", 2, 10, false, "token", "a")
                .ok(SET_TOKEN, "s", 3, 11, false, "token", "b"),
            "which leaves it free"),
        Arguments.of(
            "a read of what was let go of",
            builder()
                .ok(SET_TOKEN, "s", 2, 3, true, "token", "a")
                .ok(CLEAR_TOKEN, "s", 4, 5, null, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 6, 7, "a"),
            "which leaves it free. Next would come, and cannot: 4 getSubscription"),
        Arguments.of(
            "let go of by another's token",
            builder()
                .ok(SET_TOKEN, "s", 2, 3, true, "token", "a")
                .ok(CLEAR_TOKEN, "s", 4, 5, null, "token", "b"),
            "held under a. Next would come, and cannot: 3 clearSubscriptionToken"),
        Arguments.of(
            "an unknown one took effect twice",
            builder()
                .unknown(SET_TOKEN, "s", 2, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 3, 4, "a")
                .ok(CLEAR_TOKEN, "s", 5, 6, null, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 7, 8, "a"),
            "which leaves it free. Next would come, and cannot: 5 getSubscription"),
        Arguments.of(
            "an unknown one took effect before it began",
            builder()
                .ok(READ_SUBSCRIPTION, "s", 2, 3, "a")
                .unknown(SET_TOKEN, "s", 4, "token", "a"),
            "Next would come, and cannot: 2 getSubscription"),
        Arguments.of(
            "a mismatch of the right token",
            builder()
                .ok(SET_TOKEN, "s", 2, 3, true, "token", "a")
                .refused(CLEAR_TOKEN, "s", 4, 5, TokenMismatchException.class, "token", "a"),
            "held under a. Next would come, and cannot: 3 clearSubscriptionToken"),
        Arguments.of(
            "terminated twice",
            builder().ok(TERMINATE, "s", 2, 9, null).ok(TERMINATE, "s", 3, 8, null),
            "which leaves it absent. Next would come, and cannot: 3 terminateSubscription"),
        Arguments.of(
            "gone by itself",
            builder().refused(READ_SUBSCRIPTION, "s", 2, 3, NotFoundException.class),
            "which leaves it free. Next would come, and cannot: 2 getSubscription"),
        Arguments.of(
            "a refused one took effect",
            builder()
                .refused(SET_TOKEN, "s", 2, 3, StoreUnavailableException.class, "token", "a")
                .ok(READ_SUBSCRIPTION, "s", 4, 5, "a"),
            "which leaves it free"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void impossibleHistoriesAreExplained(String what, HistoryBuilder builder, String message) {
    List<Violation> violations = new TokenChecker().check(builder.build());

    assertThat(violations).hasSize(1);
    assertThat(violations.get(0).key()).isEqualTo("s");
    assertThat(violations.get(0).message()).contains(message);
  }
}
