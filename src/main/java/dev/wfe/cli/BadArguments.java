package dev.wfe.cli;

import java.io.PrintWriter;
import java.util.regex.Pattern;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints which argument is invalid. Leaves out a URL in the message, because it can contain a
 * password.
 */
final class BadArguments {
  private static final Pattern URL_AND_WHAT_FOLLOWS =
      Pattern.compile("\\S*(?:://|jdbc:|password=).*", Pattern.DOTALL);

  private BadArguments() {}

  static int explain(ParameterException failure, String[] arguments) {
    PrintWriter err = failure.getCommandLine().getErr();
    err.println(PrintableText.of(withoutUrl(String.valueOf(failure.getMessage()))));
    if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
      err.printf(
          "All options: %s --help%n", failure.getCommandLine().getCommandSpec().qualifiedName());
    }
    return CliException.USAGE;
  }

  private static String withoutUrl(String message) {
    return URL_AND_WHAT_FOLLOWS.matcher(message).replaceFirst("…");
  }
}
