package dev.wfe.host;

/** Whether the optional library for recurring starts is there. Thread-safe. */
final class CronLibrary {
  private static final boolean PRESENT = isFound("com.cronutils.parser.CronParser");

  private CronLibrary() {}

  private static boolean isFound(String className) {
    try {
      Class.forName(className, false, CronLibrary.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError absent) {
      return false;
    }
  }

  static boolean isPresent() {
    return PRESENT;
  }

  /**
   * Checks that the library is there.
   *
   * @throws WorkflowDefinitionException if it is not
   */
  static void require() {
    if (!PRESENT) {
      throw new WorkflowDefinitionException(
          "Recurring starts need the library com.cronutils:cron-utils on the class path");
    }
  }
}
