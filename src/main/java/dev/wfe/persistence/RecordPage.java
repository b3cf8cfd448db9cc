package dev.wfe.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list of records.
 *
 * @param records the records, in order; there may be none although more follow
 * @param next where the next page continues; null if this page was the last one
 */
public record RecordPage(List<StoredRecord> records, @Nullable Position next) {
  /** Copies the list. */
  public RecordPage {
    records = List.copyOf(records);
  }
}
