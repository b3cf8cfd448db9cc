package dev.wfe.host;

import dev.wfe.persistence.ValueLimits;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Checks names that are stored. */
final class Names {
  private Names() {}

  /** Why the name cannot be stored; null if it can. */
  static @Nullable String problem(String name) {
    boolean isShort = name.getBytes(StandardCharsets.UTF_8).length <= ValueLimits.MAX_KEY_BYTES;
    return isShort && ValueLimits.isStorable(name)
        ? null
        : "cannot be stored: it is longer than %s bytes, or contains NUL or half a character"
            .formatted(ValueLimits.MAX_KEY_BYTES);
  }

  static void require(String what, String name) {
    String wrong = problem(name);
    if (wrong != null) {
      throw new WorkflowDefinitionException(what + " " + wrong);
    }
  }
}
