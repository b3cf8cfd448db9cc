package dev.wfe.persistence;

/** Formats a value of the caller or of the database for a message: quoted, printable and short. */
final class Messages {
  private static final int MAX_CHARS = 80;

  private Messages() {}

  static String quote(String value) {
    StringBuilder quoted = new StringBuilder("'");
    int end = Math.min(value.length(), MAX_CHARS);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      boolean printable = !Character.isISOControl(c) && !Character.isSurrogate(c);
      quoted.append(printable ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    quoted.append('\'');
    return end == value.length()
        ? quoted.toString()
        : quoted + "… (%s characters)".formatted(value.length());
  }
}
