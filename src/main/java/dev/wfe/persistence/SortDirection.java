package dev.wfe.persistence;

/** In which direction rows are sorted. */
public enum SortDirection {
  /** The least or earliest first. */
  ASCENDING,
  /** The greatest or latest first. */
  DESCENDING
}
