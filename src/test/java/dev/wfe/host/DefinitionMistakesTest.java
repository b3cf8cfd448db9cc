package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.testing.WorkflowTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("13. Mistakes are found when the definition is built or the host starts, by name")
final class DefinitionMistakesTest {
  private static final EventType<String> TEXT = EventType.of("called", String.class);
  private static final EventType<Integer> NUMBER = EventType.of("called", Integer.class);

  private static WorkflowBuilder<Notes> define() {
    return Workflow.define("orders", 3, Notes.class);
  }

  private static void assertMistake(ThrowingCallable call, String... parts) {
    var thrown = assertThatThrownBy(call).isInstanceOf(WorkflowDefinitionException.class);
    for (String part : parts) {
      thrown.hasMessageContaining(part);
    }
  }

  @Test
  void twoStepsOfOneName() {
    assertMistake(
        () ->
            define()
                .run("ship", notes -> {})
                .when("x", notes -> true, yes -> yes.run("ship", notes -> {})),
        "'orders' version 3",
        "'ship'");
  }

  @Test
  void limitsThatMakeNoSense() {
    assertMistake(() -> WorkflowOption.concurrency(0), "concurrency", "not 0");
    assertMistake(() -> WorkflowOption.<Notes>concurrencyPerKey(-1, Notes::toString), "not -1");
    assertMistake(() -> WorkflowOption.rate(0, Duration.ofSeconds(1)), "rate", "not 0");
    assertMistake(() -> WorkflowOption.rate(1, Duration.ZERO), "period", "not PT0S");
    assertMistake(() -> WorkflowOption.rate(1, Duration.ofDays(367)), "period", "366 days");
    assertMistake(
        () ->
            Workflow.define(
                "orders",
                3,
                Notes.class,
                WorkflowOption.concurrency(1),
                WorkflowOption.concurrency(2)),
        "'orders' version 3",
        "'concurrency' is given twice");
  }

  @Test
  void eventTypeWithTwoClassesInOneDefinition() {
    assertMistake(
        () ->
            define()
                .await("one", TEXT, notes -> "k", Notes::and)
                .await("two", NUMBER, notes -> "k", (notes, number) -> notes),
        "'called'",
        "java.lang.String",
        "java.lang.Integer");
  }

  @Test
  void eventTypeWithTwoClassesInOneHost() {
    Workflow<Notes> one = define().await("one", TEXT, notes -> "k", Notes::and).build();
    Workflow<Notes> two =
        Workflow.define("other", 1, Notes.class)
            .await("two", NUMBER, notes -> "k", (notes, number) -> notes)
            .build();
    assertMistake(() -> build(one, two), "'called'", "java.lang.String", "java.lang.Integer");
  }

  private static void build(Workflow<?>... workflows) {
    WorkflowHost.builder(new InMemoryPersistenceProvider())
        .workflows(List.of(workflows))
        .build()
        .close();
  }

  @Test
  @SuppressWarnings("NullAway") // the mistake
  void missingKeyFunction() {
    assertThatThrownBy(() -> define().await("decision", TEXT, null, Notes::and))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("key")
        .hasMessageContaining("'decision'");
  }

  @Test
  void keyFunctionThatReturnsNull() {
    Workflow<Notes> workflow =
        define().await("decision", TEXT, notes -> nothing(), Notes::and).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).step("decision").orElseThrow().error())
          .contains("null instead of the event's key");
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // a mistake of the application
  private static <T> T nothing() {
    return null;
  }

  @Test
  void updateThatReturnsNull() {
    Workflow<Notes> workflow = define().update("change", notes -> nothing()).build();
    try (WorkflowTest test = WorkflowTest.of(workflow)) {
      String id = test.start(workflow, Notes.NONE);
      assertThat(test.state(workflow, id).step("change").orElseThrow().error())
          .contains("null instead of the data");
    }
  }

  /** Has no constructor that Jackson could call. */
  static final class Unreadable {
    private final String name;

    Unreadable(String first, String second) {
      this.name = first + second;
    }

    public String getName() {
      return name;
    }
  }

  /** Has nothing that Jackson could write. */
  static final class Unwritable {
    @SuppressWarnings("unused")
    private int hidden;
  }

  /** Has several implementations. */
  interface Shape {
    String name();
  }

  @Test
  void dataThatCannotBeRead() {
    assertMistake(
        () -> build(Workflow.define("orders", 3, Unreadable.class).run("x", data -> {}).build()),
        "'orders' version 3",
        "Unreadable");
  }

  @Test
  void dataThatCannotBeWritten() {
    assertMistake(
        () -> build(Workflow.define("orders", 3, Unwritable.class).run("x", data -> {}).build()),
        "'orders' version 3",
        "Unwritable");
  }

  @Test
  void dataThatIsAnInterface() {
    assertMistake(
        () -> build(Workflow.define("orders", 3, Shape.class).run("x", data -> {}).build()),
        "'orders' version 3",
        "Shape");
  }

  @Test
  void payloadThatCannotBeRead() {
    EventType<Unreadable> type = EventType.of("called", Unreadable.class);
    assertMistake(
        () ->
            build(define().await("decision", type, notes -> "k", (notes, event) -> notes).build()),
        "'decision'",
        "Unreadable");
  }

  @Test
  void inputAndOutputOfAnActivityThatCannotBeMapped() {
    ActivityType<Unreadable, String> input =
        ActivityType.of("count", Unreadable.class, String.class);
    ActivityType<String, Unwritable> output =
        ActivityType.of("count", String.class, Unwritable.class);
    assertMistake(
        () ->
            build(
                define()
                    .activity("count", input, notes -> new Unreadable("a", "b"), Notes::and)
                    .build()),
        "'count'",
        "Unreadable");
    assertMistake(
        () ->
            build(
                define()
                    .activity("count", output, notes -> "input", (notes, result) -> notes)
                    .build()),
        "'count'",
        "Unwritable");
  }

  @Test
  void usualDataIsAccepted() {
    build(
        define().run("x", notes -> {}).build(),
        Workflow.define("text", 1, String.class).run("x", data -> {}).build(),
        Workflow.define("number", 1, Long.class).run("x", data -> {}).build(),
        Workflow.define("list", 1, List.class).run("x", data -> {}).build(),
        Workflow.define("json", 1, com.fasterxml.jackson.databind.JsonNode.class)
            .run("x", data -> {})
            .build(),
        Workflow.define(
                "map",
                1,
                new com.fasterxml.jackson.core.type.TypeReference<Map<String, Notes>>() {})
            .run("x", data -> {})
            .build());
  }

  @Test
  void versionGivenTwice() {
    Workflow<Notes> workflow = define().run("x", notes -> {}).build();
    assertMistake(() -> build(workflow, workflow), "'orders' version 3", "twice");
  }

  @Test
  void definitionWithoutSteps() {
    assertMistake(() -> define().build(), "'orders' version 3", "at least one step");
  }

  @Test
  void emptyIdAndNegativeVersion() {
    assertMistake(() -> Workflow.define("", 1, Notes.class), "needs an id");
    assertMistake(() -> Workflow.define("orders", -1, Notes.class), "'orders'", "-1");
  }

  @Test
  void namesThatCannotBeStored() {
    for (String name : List.of("a\0b", "x".repeat(2_000), "a\ud83d", "")) {
      assertMistake(() -> Workflow.define(name, 1, Notes.class));
      assertMistake(() -> define().run(name, notes -> {}), "'orders' version 3");
      assertMistake(() -> EventType.of(name, String.class));
    }
  }

  @Test
  void optionsThatMakeNoSense() {
    assertMistake(
        () -> define().run("ship", notes -> {}, RetryPolicy.none(), RetryPolicy.none()),
        "'ship'",
        "RetryPolicy");
    assertMistake(() -> RetryPolicy.none().maxAttempts(0));
    assertMistake(() -> RetryPolicy.fixed(Duration.ZERO));
    assertMistake(() -> TimeLimit.of(Duration.ZERO));
    assertMistake(() -> TimeLimit.of(Duration.ofSeconds(Long.MAX_VALUE)));
    assertMistake(() -> dev.wfe.host.Timeout.after(Duration.ZERO));
  }

  @Test
  void outerBuilderUsedInsideABranch() {
    WorkflowBuilder<Notes> outer = define().run("first", notes -> {});
    assertMistake(
        () -> outer.when("decide", notes -> true, yes -> outer.run("inner", notes -> {})),
        "'orders' version 3",
        "'first'");
  }

  @Test
  void stepsAddedAfterBuild() {
    WorkflowBuilder<Notes> builder = define().run("first", notes -> {});
    builder.build();
    assertMistake(() -> builder.run("second", notes -> {}), "'orders' version 3", "built");
    List<Branch<Notes>> kept = new ArrayList<>();
    define().when("decide", notes -> true, kept::add).build();
    assertMistake(() -> kept.get(0).run("second", notes -> {}), "'orders' version 3", "built");
  }
}
