package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/** What PostgreSQL cannot hold in text, and how long text is there. */
final class TextChecks {
  private TextChecks() {}

  /** The NUL character or half a surrogate pair, in words; null when there is none. */
  static @Nullable String problem(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "has the NUL character at index %s".formatted(i);
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return "has half a surrogate pair at index %s".formatted(i);
        }
        i++;
      }
    }
    return null;
  }

  static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += utf8Bytes(text.charAt(i));
    }
    return bytes;
  }

  /** Of one UTF-16 unit; each half of a surrogate pair counts as two. */
  static int utf8Bytes(char c) {
    if (c < 0x80) {
      return 1;
    }
    return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
  }
}
