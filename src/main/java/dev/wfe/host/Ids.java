package dev.wfe.host;

import com.github.f4b6a3.uuid.UuidCreator;
import java.lang.management.ManagementFactory;
import java.util.UUID;

/** Creates ids. Thread-safe. */
final class Ids {
  private Ids() {}

  /** An id of a stored value. Time-ordered, so that indexes grow at their end. */
  static String next() {
    return UuidCreator.getTimeOrderedEpoch().toString();
  }

  /** A name for something that runs in this process: the process, and a random id. */
  static String ofProcess() {
    return ManagementFactory.getRuntimeMXBean().getName() + "-" + UUID.randomUUID();
  }
}
