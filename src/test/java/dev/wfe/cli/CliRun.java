package dev.wfe.cli;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * A run of the program in this process.
 *
 * @param exitCode the exit code
 * @param out what it printed
 * @param err what it printed about the run
 */
record CliRun(int exitCode, String out, String err) {
  /** The program without a terminal, and with nobody who answers. */
  static Main program(@Nullable String url, Path directory) {
    return new Main(environment(url), directory, Terminal.NONE, answers(""));
  }

  private static Map<String, String> environment(@Nullable String url) {
    return url == null ? Map.of() : Map.of(StoreOptions.DATABASE_URL, url);
  }

  private static BufferedReader answers(String lines) {
    return new BufferedReader(new StringReader(lines));
  }

  /** How the program is run. Immutable. */
  record With(Map<String, String> environment, Terminal terminal, String answers) {
    static With url(@Nullable String url) {
      return new With(CliRun.environment(url), Terminal.NONE, "");
    }

    With variable(String name, String value) {
      Map<String, String> more = new HashMap<>(environment);
      more.put(name, value);
      return new With(more, terminal, answers);
    }

    With terminal(int width, boolean colours) {
      return new With(environment, new Terminal(width, colours), answers);
    }

    With answer(String line) {
      return new With(environment, terminal, line + "\n");
    }

    CliRun run(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      CommandLine commandLine =
          new Main(environment, Path.of(""), terminal, CliRun.answers(answers)).commandLine();
      commandLine.setOut(new PrintWriter(out, true));
      commandLine.setErr(new PrintWriter(err, true));
      int exitCode = commandLine.execute(arguments);
      return new CliRun(exitCode, out.toString(), err.toString());
    }
  }
}
