package dev.wfe.persistence;

import org.jspecify.annotations.Nullable;

/** Checks whether PostgreSQL can store a text, and computes its size in UTF-8. */
final class TextChecks {
  private TextChecks() {}

  /** The problem of the text: a NUL character or an unpaired surrogate; null if it is valid. */
  static @Nullable String problem(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "contains a NUL character at index %s".formatted(i);
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return "contains an unpaired surrogate at index %s".formatted(i);
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

  /** The size of one UTF-16 unit; each half of a surrogate pair counts as two bytes. */
  static int utf8Bytes(char c) {
    if (c < 0x80) {
      return 1;
    }
    return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
  }
}
