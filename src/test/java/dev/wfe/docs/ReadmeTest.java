package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestDatabaseExtension.class)
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path THIS = Path.of("src/test/java/dev/wfe/docs/ReadmeTest.java");

  private static void quickStart(String url) {
    // The quick start begins.
    try (var provider = PostgresPersistenceProvider.connect(url)) {
      provider.ensureStoreExists();
      String id =
          provider.createNewWorkflow(
              WorkflowInstance.builder("order", 1)
                  .executionPointers(List.of(ExecutionPointer.builder(0).build()))
                  .build());
      WorkflowInstance order = provider.getWorkflowInstance(id);
      provider.persistWorkflow(order.toBuilder().status(WorkflowStatus.COMPLETE).build());
    }
    // The quick start ends.
  }

  @Test
  void theQuickStartRuns(TestDatabase database) {
    quickStart(database.url());
    assertThat(database.queryForString("select status from wfc.workflows")).isEqualTo("Complete");
  }

  @Test
  void theQuickStartIsTheOneInTheReadme() throws IOException {
    String snippet = between(Files.readString(THIS), "// The quick start begins.\n", "    // The");
    assertThat(snippet.lines().count()).isLessThanOrEqualTo(12);
    assertThat(between(Files.readString(README), "```java\n", "```"))
        .isEqualTo(snippet.stripTrailing().stripIndent() + "\n");
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
