package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of an ordered list of ids.
 *
 * @param ids the ids, in order
 * @param next where the next page continues; null if this page was the last one. Do not pass null
 *     back to continue: it starts from the beginning
 */
public record Page(List<String> ids, @Nullable Position next) {
  /** Copies the list. */
  public Page {
    ids = List.copyOf(ids);
  }
}
