package dev.wfe.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.Event;
import dev.wfe.model.EventSubscription;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The limits themselves. The contract kit shows that every operation checks them for every field.
 */
class ValueLimitsTest {
  private static final Event EVENT = Event.builder("name", "key").id("the-event").build();

  private static WorkflowInstance withPointers(int count) {
    List<ExecutionPointer> pointers =
        IntStream.range(0, count)
            .mapToObj(i -> ExecutionPointer.builder(0).id("p" + i).build())
            .toList();
    return WorkflowInstance.builder("definition", 0)
        .id("id")
        .name("name")
        .executionPointers(pointers)
        .build();
  }

  static Stream<String> keysOfTheGreatestLength() {
    return Stream.of("x".repeat(1_024), "é".repeat(512), "€".repeat(341) + "x", "😀".repeat(256));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("keysOfTheGreatestLength")
  void aKeyOfTheGreatestLengthIsAcceptedAndOneByteMoreIsNot(String key) {
    assertThatCode(() -> ValueLimits.check(EVENT.toBuilder().eventKey(key).build()))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> ValueLimits.check(EVENT.toBuilder().eventKey(key + "x").build()))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("Event 'the-event': eventKey is longer than 1024 bytes of UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\0b", "\ud83d", "\ude00", "\ude00\ud83d", "\ud83dx"})
  void textThatPostgresCannotHoldIsNotStorable(String text) {
    assertThat(ValueLimits.isStorable(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "😀", "\u0001", "\uffff", "a'b\\c\"%_"})
  void anyOtherTextIsStorable(String text) {
    assertThat(ValueLimits.isStorable(text)).isTrue();
  }

  @Test
  void instantsAreAcceptedAsFarAsPostgresHoldsThem() {
    for (Instant within : List.of(ValueLimits.MIN_INSTANT, ValueLimits.MAX_INSTANT)) {
      assertThatCode(() -> ValueLimits.check(EVENT.toBuilder().eventTime(within).build()))
          .doesNotThrowAnyException();
    }
    for (Instant beyond :
        List.of(
            ValueLimits.MIN_INSTANT.minusNanos(1_000),
            ValueLimits.MAX_INSTANT.plusNanos(1_000),
            Instant.MIN,
            Instant.MAX)) {
      assertThatThrownBy(() -> ValueLimits.check(EVENT.toBuilder().eventTime(beyond).build()))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("eventTime is " + beyond.truncatedTo(ChronoUnit.MICROS))
          .hasMessageContaining("-4713-11-24")
          .hasMessageContaining("294276-12-31");
    }
  }

  @Test
  void aPartOfTheLastMicrosecondIsCutNotRefused() {
    Event last = EVENT.toBuilder().eventTime(ValueLimits.MAX_INSTANT.plusNanos(999)).build();

    assertThatCode(() -> ValueLimits.check(last)).doesNotThrowAnyException();
  }

  @Test
  void fiftyThousandPointersAreAcceptedAndOneMoreIsNot() {
    assertThatCode(() -> ValueLimits.check(withPointers(50_000))).doesNotThrowAnyException();
    assertThatThrownBy(() -> ValueLimits.check(withPointers(50_001)))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("executionPointers has 50001 elements, more than 50000");
  }

  @Test
  void aPointerIdMayNotRepeat() {
    ExecutionPointer pointer = ExecutionPointer.builder(0).id("twice").build();
    WorkflowInstance instance =
        withPointers(1).toBuilder().executionPointers(List.of(pointer, pointer)).build();

    assertThatThrownBy(() -> ValueLimits.check(instance))
        .hasMessageContaining("executionPointers[1].id repeats 'twice'");
  }

  /** Moved, replaced, added or taken away at any place, beside what was accepted before. */
  @Test
  void anIdThatWasAcceptedBeforeMayNotRepeatEither() {
    WorkflowInstance accepted = withPointers(5);
    for (int repeated = 0; repeated < 5; repeated++) {
      ExecutionPointer again = accepted.executionPointers().get(repeated).toBuilder().build();
      for (int at = 0; at <= 5; at++) {
        List<ExecutionPointer> inserted = new ArrayList<>(accepted.executionPointers());
        inserted.add(at, again);
        refusesRepetition(inserted, accepted, again.id());
        if (at < 5 && at != repeated) {
          List<ExecutionPointer> replaced = new ArrayList<>(accepted.executionPointers());
          replaced.set(at, again);
          refusesRepetition(replaced, accepted, again.id());
          replaced.remove(at == 4 ? 3 : 4);
          assertThat(sameAsWithoutAccepted(replaced, accepted)).isTrue();
        }
      }
    }
  }

  private static void refusesRepetition(
      List<ExecutionPointer> pointers, WorkflowInstance accepted, String id) {
    WorkflowInstance instance = accepted.toBuilder().executionPointers(pointers).build();

    assertThatThrownBy(() -> ValueLimits.check(instance, accepted))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("repeats '%s'", id);
    assertThat(sameAsWithoutAccepted(pointers, accepted)).isTrue();
  }

  private static boolean sameAsWithoutAccepted(
      List<ExecutionPointer> pointers, WorkflowInstance accepted) {
    WorkflowInstance instance = accepted.toBuilder().executionPointers(pointers).build();
    Throwable beside = catchThrowable(() -> ValueLimits.check(instance, accepted));
    Throwable alone = catchThrowable(() -> ValueLimits.check(instance));
    return String.valueOf(beside).equals(String.valueOf(alone));
  }

  @Test
  void anotherObjectThanTheCheckedOneIsChecked() {
    WorkflowInstance accepted = withPointers(3);
    ExecutionPointer bad = accepted.executionPointers().get(1).toBuilder().stepName("\0").build();
    for (int at = 0; at < 3; at++) {
      List<@Nullable ExecutionPointer> pointers = new ArrayList<>(accepted.executionPointers());
      pointers.set(at, at == 2 ? null : bad.toBuilder().id("p" + at).build());
      WorkflowInstance instance = accepted.toBuilder().executionPointers(pointers).build();

      assertThatThrownBy(() -> ValueLimits.check(instance, accepted))
          .hasMessageContaining("executionPointers[%s]", at);
    }
  }

  @Test
  void dataThatIsNotTheAcceptedOneIsLookedAt() {
    WorkflowInstance accepted = withPointers(1);
    WorkflowInstance instance = accepted.toBuilder().data(TextNode.valueOf("\0")).build();

    assertThatThrownBy(() -> ValueLimits.check(instance, accepted))
        .hasMessageContaining("data holds text that contains a NUL character");
    assertThatCode(() -> ValueLimits.check(instance, instance)).doesNotThrowAnyException();
  }

  @Test
  void aSubscriptionIdMayNotRepeatUnlessTheStoreAssignsIt() {
    EventSubscription unnamed =
        EventSubscription.builder("w", "p", "e", "k").subscribeAsOf(Instant.EPOCH).build();
    EventSubscription named = unnamed.toBuilder().id("twice").build();

    assertThatCode(() -> ValueLimits.check(withPointers(1), List.of(unnamed, unnamed)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> ValueLimits.check(withPointers(1), List.of(named, named)))
        .hasMessageContaining("'twice'")
        .hasMessageContaining("id is used twice");
  }

  @Test
  void aDurationIsFromOneMicrosecondToAHundredThousandDays() {
    for (Duration within : List.of(Duration.ofNanos(1_000), Duration.ofDays(100_000))) {
      assertThatCode(() -> ValueLimits.checkDuration("setSubscriptionToken", "id", within))
          .doesNotThrowAnyException();
    }
    for (Duration beyond :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(999),
            Duration.ofSeconds(-1),
            Duration.ofDays(100_000).plusNanos(1),
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertThatThrownBy(() -> ValueLimits.checkDuration("setSubscriptionToken", "id", beyond))
          .isInstanceOf(InvalidValueException.class)
          .hasMessageContaining("setSubscriptionToken 'id': duration is " + beyond)
          .hasMessageContaining("100000 days");
    }
  }

  @Test
  void aMessageShowsALongIdShortAndPrintable() {
    String longId = "\0\ud83d" + "x".repeat(2_000);

    assertThatThrownBy(() -> ValueLimits.check(EVENT.toBuilder().id(longId).build()))
        .hasMessageContaining("'\\u0000\\ud83dxxx")
        .hasMessageContaining("(2002 characters)")
        .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(300));
  }

  @Test
  void onlyWhatIsToBePersistedNeedsAnIdAndAName() {
    WorkflowInstance unnamed = WorkflowInstance.builder("definition", 0).build();

    assertThatCode(() -> ValueLimits.checkNew("create", unnamed)).doesNotThrowAnyException();
    assertThatThrownBy(() -> ValueLimits.check(unnamed)).hasMessageContaining("id is empty");
    assertThatThrownBy(() -> ValueLimits.check(unnamed.toBuilder().id("id").build()))
        .hasMessageContaining("name is empty");
  }

  @Test
  void anErrorIsFoundByItsPlaceInTheList() {
    ExecutionError good = ExecutionError.now("workflow", "", "");
    ExecutionError bad = good.toBuilder().message("\0").build();

    assertThatThrownBy(() -> ValueLimits.checkErrors(List.of(good, bad)))
        .hasMessageContaining(
            "ExecutionError 'workflow': errors[1].message contains a NUL character");
  }
}
