package dev.wfe.postgres.internal.store;

import dev.wfe.persistence.ValueLimits;

/** The name and key of events, as verbs are asked about them. */
final class Topics {
  private Topics() {}

  /** Whether anything of the name and key could be stored; refuses nulls. */
  static boolean isStorable(String verb, String eventName, String eventKey) {
    return ValueLimits.isStorable(ValueLimits.nonNull(verb, "eventName", eventName))
        && ValueLimits.isStorable(ValueLimits.nonNull(verb, "eventKey", eventKey));
  }
}
