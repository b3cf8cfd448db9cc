package dev.wfe.cli;

import java.io.Console;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where the program prints.
 *
 * @param width how many characters a line has; 0 if the output is not a terminal, so that nothing
 *     is cut
 * @param colours whether it shows colours
 */
record Terminal(int width, boolean colours) {
  /** A file or a pipe. */
  static final Terminal NONE = new Terminal(0, false);

  private static final int USUAL_WIDTH = 80;

  /** The terminal of this process. */
  static Terminal detect(Map<String, String> environment) {
    if (!isPresent(System.console())) {
      return NONE;
    }
    boolean colours =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Terminal(width(environment.get("COLUMNS")), colours);
  }

  private static int width(@Nullable String columns) {
    if (columns != null && columns.matches("[1-9]\\d{1,3}")) {
      return Integer.parseInt(columns);
    }
    // picocli asks the terminal
    int asked = CommandSpec.create().usageMessage().autoWidth(true).width();
    return Math.max(asked, USUAL_WIDTH);
  }

  /**
   * Newer Java versions have a console even without a terminal, and a method to distinguish the
   * two.
   */
  static boolean isPresent(@Nullable Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
