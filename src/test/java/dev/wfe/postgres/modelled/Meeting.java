package dev.wfe.postgres.modelled;

import java.time.Instant;
import java.util.List;

/**
 * Two calls that meet, and what is there before.
 *
 * @param before made by a host that takes no further part
 * @param readByOne made by the host of the one call, before either call
 * @param gatesOfOne where the one can be stopped in the middle of its statement
 * @param losses what the one may give, having changed nothing, when the other is at it
 */
record Meeting(
    String name,
    List<Call> before,
    List<Call> readByOne,
    List<Call> readByOther,
    Call one,
    Call other,
    List<Gate> gatesOfOne,
    List<Gate> gatesOfOther,
    List<Object> losses) {
  /** Of calls that stop at the same gates. */
  static Meeting of(String name, Call one, Call other, Gate... gates) {
    return new Meeting(
        name,
        List.of(),
        List.of(),
        List.of(),
        one,
        other,
        List.of(gates),
        List.of(gates),
        List.of());
  }

  /** Where the other call stops at these gates instead. */
  Meeting otherStopsAt(Gate... gates) {
    return new Meeting(
        name, before, readByOne, readByOther, one, other, gatesOfOne, List.of(gates), losses);
  }

  /** Where the one may also give this, having changed nothing, when the other is at it. */
  Meeting oneMayGive(Object loss) {
    return new Meeting(
        name,
        before,
        readByOne,
        readByOther,
        one,
        other,
        gatesOfOne,
        gatesOfOther,
        List.of(new NormalForm(List.of(), Instant.EPOCH).of(loss)));
  }

  /** After the calls. */
  Meeting after(Call... calls) {
    return new Meeting(
        name, List.of(calls), readByOne, readByOther, one, other, gatesOfOne, gatesOfOther, losses);
  }

  /** After each host has read what its call changes. */
  Meeting reading(Call forOne, Call forOther) {
    return new Meeting(
        name,
        before,
        List.of(forOne),
        List.of(forOther),
        one,
        other,
        gatesOfOne,
        gatesOfOther,
        losses);
  }

  /** With the roles changed; who may lose is left as it is. */
  Meeting turnedRound() {
    return new Meeting(
        name,
        before,
        /* readByOne= */ readByOther,
        /* readByOther= */ readByOne,
        /* one= */ other,
        /* other= */ one,
        /* gatesOfOne= */ gatesOfOther,
        /* gatesOfOther= */ gatesOfOne,
        losses);
  }

  @Override
  public String toString() {
    return name;
  }
}
