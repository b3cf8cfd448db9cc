package dev.wfe.retention;

import dev.wfe.persistence.Position;
import dev.wfe.persistence.RecordPage;
import dev.wfe.persistence.RetentionRepository;
import dev.wfe.persistence.StoredRecord;
import dev.wfe.persistence.Subject;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Exports what a store holds as JSON lines: one line for each workflow with what belongs to it, one
 * for each event, one for each error. {@code docs/retention.md} shows the fields.
 *
 * <p>It reads pages and holds one at a time, so memory does not grow with the store. Each page is
 * read by itself, and no transaction stays open: what is written meanwhile is exported as it was or
 * as it is. Rows that cannot be read are left out, and logged. Thread-safe if the store is.
 */
public final class Export {
  static final int PAGE = 100;
  static final long PAGE_BYTES = 1 << 20;

  private final RetentionRepository store;

  private Export(RetentionRepository store) {
    this.store = store;
  }

  /** Exports from the store. */
  public static Export of(RetentionRepository store) {
    return new Export(Objects.requireNonNull(store, "store"));
  }

  /**
   * Writes all workflows, by id, each with its pointers, subscriptions, errors and commands.
   *
   * @return how many lines it wrote
   * @throws IOException what the sink threw
   * @throws dev.wfe.persistence.StoreUnavailableException if the database cannot be reached; begin
   *     again
   */
  public long workflows(ExportSink sink) throws IOException {
    return write(Subject.WORKFLOW, sink);
  }

  /**
   * Writes all events, by id. Otherwise as {@link #workflows}.
   *
   * @throws IOException what the sink threw
   */
  public long events(ExportSink sink) throws IOException {
    return write(Subject.EVENT, sink);
  }

  /**
   * Writes all errors, by id, also those that the lines of workflows show. Otherwise as {@link
   * #workflows}.
   *
   * @throws IOException what the sink threw
   */
  public long errors(ExportSink sink) throws IOException {
    return write(Subject.ERROR, sink);
  }

  private long write(Subject subject, ExportSink sink) throws IOException {
    long lines = 0;
    @Nullable Position after = null;
    do {
      RecordPage page = store.getRecords(subject, PAGE, PAGE_BYTES, after);
      write(page, sink);
      lines += page.records().size();
      after = page.next();
    } while (after != null);
    sink.flush();
    return lines;
  }

  static void write(RecordPage page, ExportSink sink) throws IOException {
    for (StoredRecord stored : page.records()) {
      sink.write(stored.kind(), RecordLines.line(stored));
    }
  }
}
