package dev.wfe.postgres.faults;

/** Which way bytes travel through a {@link FaultyProxy}. */
enum Direction {
  TO_SERVER,
  TO_CLIENT
}
