package dev.wfe.persistence;

/** Adds up the size of the text and JSON that one operation writes. Not thread-safe. */
final class OperationSize {
  private long bytes;

  /** Adds the bytes; false if the operation is then larger than the limit. */
  boolean admits(long more) {
    bytes += more;
    return bytes <= ValueLimits.MAX_OPERATION_BYTES;
  }

  /** Returns the bytes that were added. */
  long bytes() {
    return bytes;
  }
}
