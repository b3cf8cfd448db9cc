package dev.wfe.postgres.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;

/** Captures everything that is logged while it is open, the driver's fine levels included. */
public final class LogCapture implements AutoCloseable {
  private final PrintStream standardError = System.err;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Logger driver = Logger.getLogger("org.postgresql");
  private final Logger root = Logger.getLogger("");
  private final Handler handler;

  /** From now on. */
  public LogCapture() {
    PrintStream copy = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    SimpleFormatter formatter = new SimpleFormatter();
    handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            copy.print(formatter.format(entry));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    root.addHandler(handler);
    driver.setLevel(Level.FINE);
    System.setErr(copy);
  }

  /** The log so far, without the lines of a server that the tests started. */
  public String text() {
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.contains("EmbeddedPostgres"))
        .collect(Collectors.joining("\n"));
  }

  /** All that a stack trace shows. */
  public static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  @Override
  public void close() {
    System.setErr(standardError);
    driver.setLevel(null);
    root.removeHandler(handler);
  }
}
