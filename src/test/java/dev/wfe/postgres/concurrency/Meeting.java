package dev.wfe.postgres.concurrency;

import dev.wfe.postgres.modelled.Call;
import java.util.List;

/**
 * Two calls that meet, and what is there before.
 *
 * @param before made by a host that takes no further part
 * @param readByOne made by the host of the one call, before either call
 * @param gatesOfOne where the one can be stopped in the middle of its statement
 */
record Meeting(
    String name,
    List<Call> before,
    List<Call> readByOne,
    List<Call> readByOther,
    Call one,
    Call other,
    List<Gate> gatesOfOne,
    List<Gate> gatesOfOther) {
  /** Of calls that stop at the same gates. */
  static Meeting of(String name, Call one, Call other, Gate... gates) {
    return new Meeting(
        name, List.of(), List.of(), List.of(), one, other, List.of(gates), List.of(gates));
  }

  /** Where the other call stops at these gates instead. */
  Meeting otherStopsAt(Gate... gates) {
    return new Meeting(
        name, before, readByOne, readByOther, one, other, gatesOfOne, List.of(gates));
  }

  /** After the calls. */
  Meeting after(Call... calls) {
    return new Meeting(
        name, List.of(calls), readByOne, readByOther, one, other, gatesOfOne, gatesOfOther);
  }

  /** After each host has read what its call changes. */
  Meeting reading(Call forOne, Call forOther) {
    return new Meeting(
        name, before, List.of(forOne), List.of(forOther), one, other, gatesOfOne, gatesOfOther);
  }

  /** With the roles changed. */
  Meeting turnedRound() {
    return new Meeting(
        name,
        before,
        /* readByOne= */ readByOther,
        /* readByOther= */ readByOne,
        /* one= */ other,
        /* other= */ one,
        /* gatesOfOne= */ gatesOfOther,
        /* gatesOfOther= */ gatesOfOne);
  }

  @Override
  public String toString() {
    return name;
  }
}
