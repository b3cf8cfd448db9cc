package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Drift;
import dev.wfe.postgres.testing.EmptyDatabase;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The class path has what every user of the library has, and picocli. */
@ExtendWith(TestDatabaseExtension.class)
final class ValidateProcessTest {
  private static final Pattern OF_THE_LIBRARY =
      Pattern.compile(
          "classes|jspecify-.*|jackson-.*|jakarta\\.(persistence|transaction|inject)-api-.*"
              + "|jakarta\\.(xml\\.bind|activation)-api-.*|(angus|jaxb|istack)-.*|txw2-.*"
              + "|hibernate-.*|hypersistence-.*|jboss-logging-.*|jandex-.*|classmate-.*"
              + "|byte-buddy-\\d.*|antlr4-runtime-.*|HikariCP-.*|postgresql-\\d.*|flyway-.*"
              + "|failsafe-\\d.*|uuid-creator-.*|slf4j-api-.*");
  private static final Pattern BESIDES = Pattern.compile("picocli-.*");

  private record Ended(int exitCode, String output) {}

  private static Ended run(String url) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(ValidateProcessTest::isWanted)
                    .collect(Collectors.joining(File.pathSeparator)),
                Main.class.getName(),
                "schema",
                "validate")
            .redirectErrorStream(true);
    builder.environment().put("WFE_DATABASE_URL", url);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }

  private static boolean isWanted(String entry) {
    String name = Path.of(entry).getFileName().toString();
    return List.of(OF_THE_LIBRARY, BESIDES).stream()
        .anyMatch(wanted -> wanted.matcher(name).matches());
  }

  @Test
  void itEndsWithTheExitCodeAndSaysWhatDiffers(@EmptyDatabase TestDatabase database)
      throws Exception {
    Ended missing = run(database.url());
    assertThat(missing.exitCode()).as(missing.output()).isEqualTo(CliException.DATABASE);

    try (PostgresPersistenceProvider store = PostgresPersistenceProvider.connect(database.url())) {
      store.ensureStoreExists();
    }
    Ended agreeing = run(database.url());
    assertThat(agreeing.exitCode()).as(agreeing.output()).isZero();
    assertThat(agreeing.output()).contains("they agree");

    Drift.ANOTHER_TYPE.happenTo(database);
    Ended differing = run(database.url());
    assertThat(differing.exitCode()).as(differing.output()).isEqualTo(CliException.DIFFERENT);
    assertThat(differing.output()).contains("\n  " + Drift.ANOTHER_TYPE.difference());
  }
}
