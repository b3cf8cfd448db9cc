package dev.wfe.postgres.internal.mapping;

import java.util.Arrays;

/**
 * The positions of an instance's pointers, in their order. They start at 1; a row that was never
 * given one has 0. Thread-safe once it is filled.
 */
public final class Positions {
  private final long[] positions;

  /** Of so many pointers, all without a position. */
  public Positions(int size) {
    positions = new long[size];
  }

  /** The position of the pointer with the index. */
  public long get(int index) {
    return positions[index];
  }

  /** Sets the position of the pointer with the index. */
  public void set(int index, long position) {
    positions[index] = position;
  }

  @Override
  public String toString() {
    return Arrays.toString(positions);
  }
}
