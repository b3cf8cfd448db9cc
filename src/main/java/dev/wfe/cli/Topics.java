package dev.wfe.cli;

import org.jspecify.annotations.Nullable;

/** Reads {@code EVENT[:KEY]}. */
final class Topics {
  /**
   * A name of events, and a key.
   *
   * @param key null for any key
   */
  record Parts(String name, @Nullable String key) {}

  private Topics() {}

  /** The first colon separates the name from the key. */
  static Parts parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new Parts(text, null)
        : new Parts(text.substring(0, colon), text.substring(colon + 1));
  }
}
