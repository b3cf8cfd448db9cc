package dev.wfe.persistence;

/**
 * The result of one element of a batch: a value, or the exception that the single operation would
 * have thrown.
 *
 * @param <T> the type of the value
 */
public sealed interface ItemResult<T> {
  /**
   * The element was written.
   *
   * @param value what the single operation would have returned
   */
  record Written<T>(T value) implements ItemResult<T> {}

  /**
   * The element was refused; nothing of it was written.
   *
   * @param reason the exception that the single operation would have thrown
   */
  record Refused<T>(StoreException reason) implements ItemResult<T> {}

  /**
   * Returns the value.
   *
   * @throws StoreException the reason, if the element was refused
   */
  default T orThrow() {
    if (this instanceof Refused<T> refused) {
      throw refused.reason();
    }
    return ((Written<T>) this).value();
  }
}
