package dev.wfe.retention;

import dev.wfe.persistence.PurgeTarget;
import java.io.IOException;
import java.io.Writer;
import java.util.Objects;

/**
 * Where the lines of an export go. It is used by one thread at a time, and never closed. To write
 * workflows, events and errors to files of their own, choose the file by the kind.
 */
public interface ExportSink {
  /**
   * Takes one line.
   *
   * @param kind what the line shows
   * @param line a JSON object without line breaks
   * @throws IOException if it cannot be written: the export or purge ends
   */
  void write(PurgeTarget.Kind kind, String line) throws IOException;

  /**
   * Makes the lines safe. When it returns, a purge deletes what they show.
   *
   * @throws IOException if they are not safe: nothing that they show is deleted
   */
  void flush() throws IOException;

  /** Writes all lines to a writer, each followed by a line feed. */
  static ExportSink to(Writer writer) {
    Objects.requireNonNull(writer, "writer");
    return new ExportSink() {
      @Override
      public void write(PurgeTarget.Kind kind, String line) throws IOException {
        writer.write(line);
        writer.write('\n');
      }

      @Override
      public void flush() throws IOException {
        writer.flush();
      }
    };
  }
}
