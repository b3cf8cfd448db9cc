package dev.wfe.persistence;

/** A condition on the lease of a workflow. A lease that has expired counts as none. Immutable. */
public sealed interface LeaseCondition {
  /** Whether somebody has a lease or not. */
  record Any() implements LeaseCondition {}

  /** Somebody has a lease. */
  record Leased() implements LeaseCondition {}

  /**
   * The owner has a lease.
   *
   * @param owner the host that has it
   */
  record LeasedBy(String owner) implements LeaseCondition {
    /**
     * Checks the owner.
     *
     * @throws InvalidValueException if it cannot be stored; not retryable
     */
    public LeasedBy {
      new FieldChecks("LeaseCondition", "").text("owner", owner);
    }
  }

  /** Nobody has a lease. */
  record Unleased() implements LeaseCondition {}
}
