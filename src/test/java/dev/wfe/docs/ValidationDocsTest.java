package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/validation.md} shows tested code. */
final class ValidationDocsTest {
  private static final Path PAGE = Path.of("docs/validation.md");
  private static final Path TEST =
      Path.of("src/test/java/dev/wfe/postgres/validation/DeployedStoreContractTest.java");
  private static final int LINES = 60;

  @Test
  void itsSnippetIsTheUsersTest() throws IOException {
    String test =
        between(
            Files.readString(TEST), "// The user's test begins.\n", "  // The user's test ends.");

    assertThat(between(Files.readString(PAGE), "```java\n", "```"))
        .isEqualTo(test.stripTrailing().stripIndent().replaceFirst("static ", "") + "\n");
  }

  @Test
  void itIsShort() throws IOException {
    assertThat(Files.readString(PAGE).lines().count()).isLessThanOrEqualTo(LINES);
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start) + start.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
