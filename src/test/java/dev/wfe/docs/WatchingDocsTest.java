package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.host.DueWork;
import dev.wfe.host.HostHealth;
import dev.wfe.host.HostListener;
import dev.wfe.host.StepAttempt;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowHost;
import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.metrics.HostMetrics;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PurgeTarget;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/watching.md} lists every meter, and shows tested code. */
final class WatchingDocsTest {
  private static final Path PAGE = Path.of("docs/watching.md");
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/WatchingDocsTest.java");
  private static final int LINES = 150;
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern METER =
      Pattern.compile("(?m)^\\| `(wfe\\.[\\w.]+)` \\| (\\w+)(?:, \\w+)? \\| ([^|]*)\\|");
  private static final Pattern COMPONENT = Pattern.compile("(?m)^\\| `(\\w+)\\(\\)` \\|");

  private static final Workflow<String> ORDER =
      Workflow.define("order", 1, String.class).run("ship", order -> {}).build();

  private final MeterRegistry registry = new SimpleMeterRegistry();

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  @Test
  void theMetersAreThoseOfTheTable() throws IOException {
    List<String> table =
        METER
            .matcher(page())
            .results()
            .map(row -> describe(row.group(1), row.group(2), tags(row.group(3))))
            .toList();
    tellEverything(new HostMetrics(registry));
    Set<String> meters =
        registry.getMeters().stream()
            .map(Meter::getId)
            .map(WatchingDocsTest::describe)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(table).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(meters);
  }

  private static String describe(Meter.Id meter) {
    String type =
        meter.getType() == Meter.Type.DISTRIBUTION_SUMMARY
            ? "summary"
            : meter.getType().name().toLowerCase(Locale.ROOT);
    return describe(
        meter.getName(),
        type,
        meter.getTags().stream().map(tag -> tag.getKey()).collect(Collectors.toSet()));
  }

  private static String describe(String name, String type, Set<String> tags) {
    return "%s, %s, %s".formatted(name, type, new TreeSet<>(tags));
  }

  private static Set<String> tags(String cell) {
    return Stream.of(cell.split("[`,\\s]+"))
        .filter(tag -> !tag.isEmpty())
        .collect(Collectors.toSet());
  }

  private static void tellEverything(HostListener listener) {
    DefinitionVersion definition = new DefinitionVersion("order", 1);
    Duration second = Duration.ofSeconds(1);
    Map<Class<?>, Object> values =
        Map.of(
            DefinitionVersion.class,
            definition,
            StepAttempt.class,
            new StepAttempt(definition, "ship", 1, StepAttempt.Result.SUCCEEDED, second),
            String.class,
            "paid",
            Duration.class,
            second,
            int.class,
            1,
            boolean.class,
            true,
            PurgeTarget.Kind.class,
            PurgeTarget.Kind.WORKFLOW,
            DueWork.class,
            new DueWork(1, 1, second, Set.of(definition)));
    for (Method method : HostListener.class.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())) {
        Object[] arguments = Stream.of(method.getParameterTypes()).map(values::get).toArray();
        try {
          method.invoke(listener, arguments);
        } catch (ReflectiveOperationException failure) {
          throw new LinkageError(method.toString(), failure);
        }
      }
    }
  }

  @Test
  void everyMeterOfAnAlertIsInTheTable() throws IOException {
    Set<String> known =
        METER.matcher(page()).results().map(row -> row.group(1)).collect(Collectors.toSet());
    assertThat(known)
        .containsAll(
            Pattern.compile("`(wfe\\.[\\w.]+)`")
                .matcher(
                    page().substring(page().indexOf("| alert if"), page().indexOf("## Health")))
                .results()
                .map(name -> name.group(1))
                .toList());
  }

  @Test
  void theComponentsOfTheHealthAreThoseOfTheClass() throws IOException {
    Set<String> components =
        Stream.of(HostHealth.class.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .map(Method::getName)
            .filter(name -> !Set.of("equals", "hashCode", "toString", "details").contains(name))
            .collect(Collectors.toSet());
    assertThat(COMPONENT.matcher(page()).results().map(row -> row.group(1)).toList())
        .containsExactlyInAnyOrderElementsOf(components);
  }

  private static WorkflowHost watched(
      InMemoryPersistenceProvider provider, MeterRegistry registry) {
    WorkflowHost host =
        WorkflowHost.builder(provider).workflow(ORDER).listener(new HostMetrics(registry)).build();
    host.start();
    return host;
  }

  @Test
  void theHostOfThePageIsCounted() throws Exception {
    try (WorkflowHost host = watched(new InMemoryPersistenceProvider(), registry)) {
      String id = host.startWorkflow(ORDER, "1001").id();
      host.awaitEnd(ORDER, id, Duration.ofSeconds(30));
    }
    assertThat(registry.get("wfe.workflows.completed").tag("definition", "order").counter().count())
        .isEqualTo(1);
  }

  @Test
  void thePageIsShortAndEachOfItsSnippetsIsInThisClass() throws IOException {
    assertThat(page().lines().count()).isLessThanOrEqualTo(LINES);
    String tested = Files.readString(THIS).replaceAll("\\s+", "");
    assertThat(SNIPPET.matcher(page()).results().toList())
        .isNotEmpty()
        .allSatisfy(
            snippet -> assertThat(tested).contains(snippet.group(1).replaceAll("\\s+", "")));
  }
}
