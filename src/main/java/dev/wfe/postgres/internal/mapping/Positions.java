package dev.wfe.postgres.internal.mapping;

import java.util.Arrays;

/**
 * The positions of an instance's pointers, in list order. Positions start at 1; 0 stands for a row
 * without a position. Thread-safe after safe publication, if it is no longer changed.
 */
public final class Positions {
  private final long[] positions;

  /** Creates positions for the number of pointers, all 0. */
  public Positions(int size) {
    positions = new long[size];
  }

  /** Returns the positions 1, 2, 3 and so on for the number of pointers. */
  public static Positions upTo(int size) {
    Positions positions = new Positions(size);
    for (int i = 0; i < size; i++) {
      positions.set(i, i + 1L);
    }
    return positions;
  }

  /** Returns the position of the pointer at the index. */
  public long get(int index) {
    return positions[index];
  }

  /** Sets the position of the pointer at the index. */
  public void set(int index, long position) {
    positions[index] = position;
  }

  /** Returns the position of the last pointer, which is the greatest; 0 if there are none. */
  public long last() {
    return positions.length == 0 ? 0 : positions[positions.length - 1];
  }

  @Override
  public String toString() {
    return Arrays.toString(positions);
  }
}
