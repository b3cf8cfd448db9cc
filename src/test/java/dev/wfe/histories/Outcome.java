package dev.wfe.histories;

/** How a call ended, as far as its caller knows. */
public enum Outcome {
  /** It was done, and gave a result. */
  OK,
  /** It was refused, for a reason that has a type: it certainly had no effect. */
  REFUSED,
  /** Nobody can say: it may take effect at any time after it began, or never. */
  UNKNOWN
}
