package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("10. A stored graph is compared, and a difference is refused by name")
final class DefinitionsTest {
  private static final EventType<String> CALLED = EventType.of("called", String.class);
  private static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("flow", 1, Notes.class);
  }

  private static Workflow<Notes> flow(UnaryOperator<WorkflowBuilder<Notes>> steps) {
    return steps.apply(define()).build();
  }

  private static Workflow<Notes> activity(ActivityType<String, String> type) {
    return define().activity("pay", type, notes -> "input", Notes::and).build();
  }

  private static Workflow<Notes> decision(boolean isSwapped) {
    return isSwapped
        ? define()
            .when("x", notes -> true, yes -> yes.run("b", n -> {}), no -> no.run("a", n -> {}))
            .build()
        : define()
            .when("x", notes -> true, yes -> yes.run("a", n -> {}), no -> no.run("b", n -> {}))
            .build();
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of(
            flow(steps -> steps.run("a", n -> {}).run("b", n -> {})),
            flow(steps -> steps.run("b", n -> {}).run("a", n -> {})),
            "id of step 'a' was 0 and is 1"),
        Arguments.of(
            flow(steps -> steps.run("a", n -> {})),
            flow(steps -> steps.update("a", n -> n)),
            "kind of step 'a' was \"run\" and is \"update\""),
        Arguments.of(
            flow(steps -> steps.await("a", CALLED, n -> "key", Notes::and)),
            flow(
                steps ->
                    steps.await("a", EventType.of("paid", String.class), n -> "key", Notes::and)),
            "event of step 'a' was \"called\" and is \"paid\""),
        Arguments.of(
            flow(steps -> steps.await("a", CALLED, n -> "key", Notes::and)),
            flow(
                steps ->
                    steps.await(
                        "a", EventType.of("called", Integer.class), n -> "key", (n, number) -> n)),
            "payload of step 'a' was \"String\" and is \"Integer\""),
        Arguments.of(
            activity(PAY),
            activity(ActivityType.of("refund", String.class, String.class)),
            "activity of step 'pay' was \"pay\" and is \"refund\""),
        Arguments.of(
            activity(PAY),
            define()
                .activity(
                    "pay",
                    ActivityType.of("pay", Integer.class, String.class),
                    notes -> 1,
                    Notes::and)
                .build(),
            "input of step 'pay' was \"String\" and is \"Integer\""),
        Arguments.of(
            activity(PAY),
            define()
                .activity(
                    "pay",
                    ActivityType.of("pay", String.class, Integer.class),
                    notes -> "input",
                    (notes, number) -> notes)
                .build(),
            "output of step 'pay' was \"String\" and is \"Integer\""),
        Arguments.of(
            flow(steps -> steps.run("a", n -> {})),
            flow(steps -> steps.run("a", n -> {}).run("b", n -> {})),
            "step 'b' is new"),
        Arguments.of(
            flow(steps -> steps.run("a", n -> {}).run("b", n -> {})),
            flow(steps -> steps.run("a", n -> {})),
            "step 'b' is missing"),
        Arguments.of(
            flow(
                steps ->
                    steps.when("x", n -> true, yes -> yes.run("a", n -> {}).run("b", n -> {}))),
            flow(
                steps ->
                    steps.when("x", n -> true, yes -> yes.run("a", n -> {})).run("b", n -> {})),
            "edges of step 'x' was {\"yes\":\"a\"} and is {\"no\":\"b\",\"yes\":\"a\"}"),
        Arguments.of(decision(false), decision(true), "edges of step 'x' was"),
        Arguments.of(
            flow(steps -> steps.run("a", n -> {})),
            Workflow.define("flow", 1, Map.class).run("a", n -> {}).build(),
            "the data was \"Notes\" and is \"Map\""));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void changeWithoutANewVersionIsRefused(Workflow<?> before, Workflow<?> after, String difference) {
    InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
    HostJson json = HostJson.standard();
    new Definitions(List.of(before), json).register(store);
    Definitions changed = new Definitions(List.of(after), json);
    assertThatThrownBy(() -> changed.register(store))
        .isInstanceOf(WorkflowDefinitionException.class)
        .hasMessageContaining("'flow' version 1")
        .hasMessageContaining(difference)
        .hasMessageContaining("Give the changed definition a new version");
    assertThatCode(() -> new Definitions(List.of(before), json).register(store))
        .doesNotThrowAnyException();
  }
}
