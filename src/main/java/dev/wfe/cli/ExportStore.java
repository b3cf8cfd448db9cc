package dev.wfe.cli;

import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.retention.Export;
import dev.wfe.retention.ExportSink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes what is stored as JSON lines. */
@Command(
    name = "export",
    description = {
      "Writes all workflows, events or errors as JSON lines, in the field names of the Rust model. It"
          + " reads page by page, so its memory does not grow with the store, and changes nothing.",
      ""
    })
final class ExportStore extends StoreCommand {
  /** The kinds of rows that can be exported. */
  enum What {
    WORKFLOWS,
    EVENTS,
    ERRORS
  }

  @Parameters(
      paramLabel = "WHAT",
      defaultValue = "workflows",
      description = "workflows (the default), events or errors")
  private What what = What.WORKFLOWS;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "a new file; otherwise the standard output")
  private @Nullable Path file;

  @Override
  int run(PostgresPersistenceProvider provider) {
    Export export = Export.of(provider);
    try {
      if (file == null) {
        PrintWriter out = spec().commandLine().getOut();
        write(export, ExportSink.to(out));
        if (out.checkError()) {
          throw new IOException("the standard output is closed");
        }
        return 0;
      }
      try (Writer lines =
          Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW)) {
        printer().note("Exported: " + write(export, ExportSink.to(lines)));
      }
      return 0;
    } catch (FileAlreadyExistsException e) {
      throw new CliException(CliException.USAGE, "%s exists".formatted(file), e);
    } catch (IOException e) {
      throw new CliException(
          CliException.DIFFERENT, "The export cannot be written: " + e.getMessage(), e);
    }
  }

  private long write(Export export, ExportSink sink) throws IOException {
    return switch (what) {
      case WORKFLOWS -> export.workflows(sink);
      case EVENTS -> export.events(sink);
      case ERRORS -> export.errors(sink);
    };
  }
}
