package dev.wfe.persistence;

/** Adds up the text and JSON that one operation would write. Not thread-safe. */
final class OperationSize {
  private long bytes;

  /** Whether the operation may still be carried out with so many bytes more. */
  boolean admits(long more) {
    bytes += more;
    return bytes <= ValueLimits.MAX_OPERATION_BYTES;
  }
}
