package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a sorted list.
 *
 * @param rows the rows, in order. Rows that cannot be read are left out, so there may be fewer than
 *     the limit, or none, although more follow
 * @param next the cursor with which the next page continues; null if this page was the last one. It
 *     belongs to the filter and the sort of this page, and is not a secret
 */
public record CursoredPage<T>(List<T> rows, @Nullable String next) {
  /** Copies the list. */
  public CursoredPage {
    rows = List.copyOf(rows);
  }
}
