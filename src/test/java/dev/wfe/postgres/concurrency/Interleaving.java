package dev.wfe.postgres.concurrency;

import dev.wfe.postgres.modelled.Call;
import java.util.List;

/**
 * Two concurrent calls, and what is stored before.
 *
 * @param before made by a host that takes no further part
 * @param readByOne made by the host of the one call, before either call
 * @param locksOfOne where the one can be stopped in the middle of its statement
 */
record Interleaving(
    String name,
    List<Call> before,
    List<Call> readByOne,
    List<Call> readByOther,
    Call one,
    Call other,
    List<LockPoint> locksOfOne,
    List<LockPoint> locksOfOther) {
  /** Of calls that stop at the same locks. */
  static Interleaving of(String name, Call one, Call other, LockPoint... locks) {
    return new Interleaving(
        name, List.of(), List.of(), List.of(), one, other, List.of(locks), List.of(locks));
  }

  /** Where the other call stops at these locks instead. */
  Interleaving otherWaitsFor(LockPoint... locks) {
    return new Interleaving(
        name, before, readByOne, readByOther, one, other, locksOfOne, List.of(locks));
  }

  /** After the calls. */
  Interleaving after(Call... calls) {
    return new Interleaving(
        name, List.of(calls), readByOne, readByOther, one, other, locksOfOne, locksOfOther);
  }

  /** After each host has read what its call changes. */
  Interleaving reading(Call forOne, Call forOther) {
    return new Interleaving(
        name, before, List.of(forOne), List.of(forOther), one, other, locksOfOne, locksOfOther);
  }

  /** With the roles changed. */
  Interleaving turnedRound() {
    return new Interleaving(
        name,
        before,
        /* readByOne= */ readByOther,
        /* readByOther= */ readByOne,
        /* one= */ other,
        /* other= */ one,
        /* locksOfOne= */ locksOfOther,
        /* locksOfOther= */ locksOfOne);
  }

  @Override
  public String toString() {
    return name;
  }
}
