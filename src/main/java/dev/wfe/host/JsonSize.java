package dev.wfe.host;

import com.fasterxml.jackson.databind.JsonNode;

/** How much memory JSON takes, roughly. */
final class JsonSize {
  private static final long NODE_BYTES = 16;

  private JsonSize() {}

  /** Returns the bytes of the texts, and some for each node. */
  static long of(JsonNode json) {
    long bytes = NODE_BYTES;
    if (json.isTextual()) {
      return bytes + json.textValue().length();
    }
    for (JsonNode inner : json) {
      bytes += of(inner);
    }
    return bytes;
  }
}
