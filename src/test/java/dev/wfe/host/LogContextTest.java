package dev.wfe.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowStatus;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;

/** What stands in the MDC while the application's code is called. */
final class LogContextTest {
  private static final ActivityType<String, String> PAY =
      ActivityType.of("pay", String.class, String.class);

  private final List<Map<String, String>> seen = new CopyOnWriteArrayList<>();
  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();
  private @Nullable Object adapter;

  /** The logging of the tests ignores the MDC. */
  private static Field adapterOfSlf4j() throws ReflectiveOperationException {
    Field field = MDC.class.getDeclaredField("MDC_ADAPTER");
    field.setAccessible(true);
    return field;
  }

  @BeforeEach
  void useAnMdc() throws ReflectiveOperationException {
    LoggerFactory.getILoggerFactory(); // its first use would set another one
    adapter = adapterOfSlf4j().get(null);
    adapterOfSlf4j().set(null, new BasicMDCAdapter());
  }

  @AfterEach
  void useTheOldOne() throws ReflectiveOperationException {
    adapterOfSlf4j().set(null, adapter);
  }

  private String look() {
    Map<String, String> context = MDC.getCopyOfContextMap();
    seen.add(context == null ? Map.of() : context);
    return "seen";
  }

  @Test
  void pureFunctionsAreNamedAndTheContextOfTheThreadStays() {
    Workflow<Notes> workflow =
        Workflow.define("flow", 1, Notes.class)
            .update(
                "change",
                notes -> {
                  look();
                  return notes;
                })
            .callInTransaction(
                "merged",
                (notes, transaction) -> "output",
                (notes, output) -> {
                  look();
                  return notes;
                })
            .when(
                "broken",
                (Notes notes) -> {
                  look();
                  throw new IllegalStateException("on purpose");
                },
                yes -> yes.run("never", notes -> {}))
            .build();
    SteppedHost host =
        WorkflowHost.builder(store).workflow(workflow).buildStepped(InstantSource.system());
    String id = WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE).id();
    MDC.put("request", "r-1");
    var unused = host.runDue();
    look();
    assertThat(seen.subList(0, seen.size() - 1))
        .isNotEmpty()
        .allSatisfy(
            context ->
                assertThat(context)
                    .containsEntry("request", "r-1")
                    .containsEntry("wfe.workflow", id));
    assertThat(seen.stream().map(context -> context.get("wfe.step")).distinct().limit(3))
        .containsExactly("change", "merged", "broken");
    assertThat(seen.get(seen.size() - 1)).containsOnlyKeys("request");
  }

  @Test
  void stepsAndActivitiesAreNamedWhileTheyExecute() throws Exception {
    Workflow<Notes> workflow =
        Workflow.define("flow", 1, Notes.class)
            .call("first", notes -> look(), Notes::and)
            .callInTransaction("second", (notes, transaction) -> look(), Notes::and)
            .activity("third", PAY, notes -> "bill", Notes::and)
            .build();
    List<Map<String, String>> expected = new ArrayList<>();
    try (WorkflowHost host = WorkflowHost.builder(store).workflow(workflow).build();
        ActivityWorker worker =
            ActivityWorker.builder(store).activity(PAY, task -> look()).build()) {
      host.start();
      worker.start();
      String id = host.startWorkflow(workflow, Notes.NONE).id();
      expected.add(Map.of("wfe.workflow", id, "wfe.step", "first"));
      expected.add(Map.of("wfe.workflow", id, "wfe.step", "second"));
      expected.add(Map.of("wfe.workflow", id, "wfe.activity", "pay"));
      assertThat(host.awaitEnd(workflow, id, Duration.ofSeconds(30)).status())
          .isEqualTo(WorkflowStatus.COMPLETE);
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void nothingIsLeftInTheThread() {
    Workflow<Notes> workflow =
        Workflow.define("flow", 1, Notes.class)
            .run(
                "fails",
                (Notes notes) -> {
                  look();
                  throw new IllegalStateException("on purpose");
                },
                RetryPolicy.none())
            .build();
    SteppedHost host =
        WorkflowHost.builder(store).workflow(workflow).buildStepped(InstantSource.system());
    WorkflowClient.over(store).startWorkflow(workflow, Notes.NONE);
    var unused = host.runDue();
    look();
    assertThat(seen.get(0)).containsKeys("wfe.workflow", "wfe.step");
    assertThat(seen.get(1)).isEmpty();
  }
}
