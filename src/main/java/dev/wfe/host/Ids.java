package dev.wfe.host;

import com.github.f4b6a3.uuid.UuidCreator;

/** Creates ids. Time-ordered, so that indexes grow at their end. Thread-safe. */
final class Ids {
  private Ids() {}

  static String next() {
    return UuidCreator.getTimeOrderedEpoch().toString();
  }
}
