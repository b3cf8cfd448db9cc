package dev.wfe.cli;

/** How pages show a status: a class for its colour, and a mark that does not depend on colour. */
final class Marks {
  private Marks() {}

  /** The class of a status of a workflow or a pointer. */
  static String kind(String status) {
    return switch (status) {
      case "Complete" -> "good";
      case "Failed", "Terminated" -> "bad";
      case "Running", "Runnable" -> "busy";
      case "Sleeping", "WaitingForEvent", "PendingPredecessor", "Pending" -> "wait";
      case "Suspended", "Compensated" -> "held";
      default -> "off";
    };
  }

  /** The mark of a status. */
  static String of(String status) {
    return switch (kind(status)) {
      case "good" -> "✓";
      case "bad" -> "✕";
      case "busy" -> "▶";
      case "wait" -> "◷";
      case "held" -> status.equals("Compensated") ? "↶" : "‖";
      default -> "–";
    };
  }
}
