package dev.wfe.histories.checkers;

/**
 * A promise that was not kept.
 *
 * @param promise which, in a word or two
 * @param key of what
 * @param message which operations, in which order, and why that is impossible
 */
public record Violation(String promise, String key, String message) {
  @Override
  public String toString() {
    return "%s, %s: %s".formatted(promise, key, message);
  }
}
