package dev.wfe.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each application under {@code src/it} has a page, and the page shows only tested code. */
final class ApplicationDocsTest {
  private static final Path APPLICATIONS = Path.of("src/it");
  private static final int LINES = 60;
  private static final Set<String> NOT_SHOWN = Set.of("target", ".mvn");
  private static final Pattern SNIPPET =
      Pattern.compile("```(java|xml|properties|sql)\n(.*?)```", Pattern.DOTALL);

  static List<String> applications() throws IOException {
    try (Stream<Path> folders = Files.list(APPLICATIONS)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("pom.xml")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static String page(String application) throws IOException {
    return Files.readString(Path.of("docs", application + ".md"));
  }

  @ParameterizedTest
  @MethodSource("applications")
  void itsPageStartsWithTheDependencyAndEndsWithSomethingRunning(String application)
      throws IOException {
    String page = page(application);
    assertThat(page.lines().count()).isLessThanOrEqualTo(LINES);
    assertThat(page.substring(0, page.indexOf("```\n"))).contains("<artifactId>wfe-postgres<");
    assertThat(page.substring(page.lastIndexOf("\n\n", page.length() - 2))).contains("mvn ");
  }

  @ParameterizedTest
  @MethodSource("applications")
  void itsSnippetsStandInTheApplication(String application) throws IOException {
    assertSnippetsStandIn(APPLICATIONS.resolve(application), page(application));
  }

  @Test
  void thePageOfTheDemoShowsItsWorkflow() throws IOException {
    assertSnippetsStandIn(
        Path.of("src/main/java/dev/wfe/cli/orders"), Files.readString(Path.of("docs/demo.md")));
  }

  private static void assertSnippetsStandIn(Path application, String page) throws IOException {
    List<String> files = files(application);
    List<String> snippets =
        SNIPPET
            .matcher(page)
            .results()
            .map((MatchResult snippet) -> lines(snippet.group(2)))
            .toList();

    assertThat(snippets)
        .isNotEmpty()
        .allSatisfy(
            snippet -> assertThat(files).anySatisfy(file -> assertThat(file).contains(snippet)));
  }

  private static List<String> files(Path application) throws IOException {
    try (Stream<Path> files = Files.walk(application)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !NOT_SHOWN.contains(application.relativize(file).getName(0).toString()))
          .map(ApplicationDocsTest::read)
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return lines(Files.readString(file).replace("@project.version@", "0.1.0-SNAPSHOT"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** How far the lines are indented makes no difference. */
  private static String lines(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
  }
}
