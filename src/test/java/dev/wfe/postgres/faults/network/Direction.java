package dev.wfe.postgres.faults.network;

/** Which way bytes travel through a {@link FaultyProxy}. */
public enum Direction {
  TO_SERVER,
  TO_CLIENT
}
