package dev.wfe.postgres.internal.store;

import com.github.f4b6a3.uuid.UuidCreator;

/** Ids that the store assigns. */
final class Ids {
  private Ids() {}

  /** The given id, or for an empty one a time-ordered UUID (version 7). */
  static String orNew(String id) {
    return id.isEmpty() ? UuidCreator.getTimeOrderedEpoch().toString() : id;
  }
}
