package dev.wfe.cli;

/** Limits the logging of libraries to problems. Call it before any of them is used. */
final class QuietLogs {
  private QuietLogs() {}

  /** Sets the log levels, except those that are set on the command line. */
  static void set() {
    setDefault("org.jboss.logging.provider", "slf4j");
    setDefault("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    // logs each failed attempt at a step or an operation with a stack trace; the orders say which
    // steps have to fail, and the check shows the error of a step that failed for good
    setDefault("org.slf4j.simpleLogger.log.dev.wfe.host", "error");
    // logs a stack trace for each broken connection; the processing reports a lasting problem
    setDefault("org.slf4j.simpleLogger.log.com.zaxxer.hikari", "error");
    // warns that it gets its connections from the application, which is so on purpose
    setDefault("org.slf4j.simpleLogger.log.org.hibernate", "error");
    // logs a stack trace if the server to be stopped is gone; this program checks that itself
    setDefault("org.slf4j.simpleLogger.log.io.zonky.test.db.postgres.embedded", "off");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
