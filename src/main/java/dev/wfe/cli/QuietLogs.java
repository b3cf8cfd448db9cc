package dev.wfe.cli;

/** Keeps the libraries quiet unless something is wrong. To be called before any of them is used. */
final class QuietLogs {
  private QuietLogs() {}

  /** Leaves alone what was set on the command line. */
  static void set() {
    setDefault("org.jboss.logging.provider", "slf4j");
    setDefault("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    // warns with a stack trace of each connection that breaks; the workers say so if it lasts
    setDefault("org.slf4j.simpleLogger.log.com.zaxxer.hikari", "error");
    // complains with a stack trace when a server is gone that it is to stop; we look ourselves
    setDefault("org.slf4j.simpleLogger.log.io.zonky.test.db.postgres.embedded", "off");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
