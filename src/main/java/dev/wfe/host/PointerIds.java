package dev.wfe.host;

import com.github.f4b6a3.uuid.UuidCreator;

/** Creates ids of pointers. Time-ordered, so that the index grows at its end. Thread-safe. */
final class PointerIds {
  private PointerIds() {}

  static String next() {
    return UuidCreator.getTimeOrderedEpoch().toString();
  }
}
