package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.PersistenceProvider;
import dev.wfe.retention.Export;
import dev.wfe.retention.ExportSink;
import dev.wfe.retention.Purge;
import dev.wfe.retention.Retention;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code docs/retention.md} shows tested code. */
final class RetentionDocsTest {
  private static final Path PAGE = Path.of("docs/retention.md");
  private static final Path TEST = Path.of("src/test/java/dev/wfe/docs/RetentionDocsTest.java");
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final Logger log = LoggerFactory.getLogger(RetentionDocsTest.class);
  private final PersistenceProvider provider = new InMemoryPersistenceProvider();

  private static Retention retention() {
    Retention retention =
        Retention.builder()
            .complete(Duration.ofDays(90))
            .terminated(Duration.ofDays(365))
            .events(Duration.ofDays(90))
            .errors(Duration.ofDays(180))
            .orphans(Duration.ofDays(30))
            .build();
    return retention;
  }

  @Test
  void itsCodePurgesAndExports(@TempDir Path folder) throws IOException, InterruptedException {
    provider.createNewWorkflow(
        WorkflowInstance.builder("order", 1)
            .status(WorkflowStatus.COMPLETE)
            .completeTime(Instant.parse("2020-01-01T00:00:00Z"))
            .build());
    Retention retention = retention();
    Path path = folder.resolve("lines");

    try (Writer file = Files.newBufferedWriter(path)) {
      long workflows = Export.of(provider).workflows(ExportSink.to(file));
      assertThat(workflows).isOne();
    }
    assertThat(Files.readAllLines(path)).hasSize(1);

    Purge purge =
        Purge.of(provider, retention)
            .batchSize(500)
            .pause(Duration.ofMillis(50))
            .onProgress(done -> log.info("{}", done))
            .build();
    List<Purge.Count> preview = purge.dryRun(100_000);
    long deleted = purge.run();

    assertThat(preview.get(0).count()).isOne();
    assertThat(deleted).isOne();
  }

  @Test
  void itsSnippetsAreInThisTest() throws IOException {
    List<String> test = Files.readString(TEST).lines().map(String::strip).toList();

    List<String> snippets =
        SNIPPET
            .matcher(Files.readString(PAGE))
            .results()
            .flatMap(snippet -> snippet.group(1).lines())
            .map(String::strip)
            .collect(Collectors.toList());

    assertThat(snippets).hasSizeGreaterThan(15);
    assertThat(test).containsAll(snippets);
  }
}
