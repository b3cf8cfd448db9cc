package dev.wfe.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Asks before data is changed. */
final class Confirmation {
  @Option(
      names = {"-y", "--yes"},
      order = 95,
      description = "do not ask; without effect if the store is marked as production")
  private boolean yes;

  /**
   * Asks the question, and returns if it was confirmed. The question goes to where errors are
   * printed, so that the output stays clean.
   *
   * @throws CliException if it was not confirmed
   */
  void require(StoreCommand command, String question) {
    Main main = command.main();
    String production = command.store().production(main.environment());
    if (production == null && yes) {
      return;
    }
    PrintWriter err = command.spec().commandLine().getErr();
    err.print(
        production == null
            ? question + " [yes/no] "
            : "%s This is production: type its name, %s, to go on: "
                .formatted(question, PrintableText.of(production)));
    err.flush();
    String answer = answer(main);
    boolean confirmed =
        answer != null
            && (production == null
                ? answer.strip().toLowerCase(Locale.ROOT).matches("y|yes")
                : answer.strip().equals(production));
    if (!confirmed) {
      err.println();
      throw new CliException(
          CliException.NOT_CONFIRMED,
          production == null
              ? "Not confirmed; nothing was changed. Answer yes, or use --yes"
              : "Not confirmed; nothing was changed. Answer with the name of the production store");
    }
  }

  private static @Nullable String answer(Main main) {
    try {
      return main.input().readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
