package dev.wfe.histories;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.wfe.histories.workload.ProcessWorkers;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.UnknownOutcomeException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes down the calls of one thread, a line of JSON for each beginning and one for each end.
 *
 * <ol>
 *   <li>A beginning is written before the call is made, each line by one write to the system: what
 *       a process that is killed had begun is in the file. A beginning without an end has an
 *       unknown outcome.
 *   <li>Times are {@link System#nanoTime}, which on Linux is the machine's {@code CLOCK_MONOTONIC}:
 *       one clock for all processes, that never goes back, on whichever processor it is read
 *       ({@link ProcessWorkers} makes sure of the first). It is read before a call and after its
 *       return, so what is recorded spans what happened: when one recorded end lies before
 *       another's recorded beginning, it was so. Calls that only seem to overlap are taken to be
 *       concurrent, which forbids less, never more.
 * </ol>
 *
 * <p>Not thread-safe: one for each thread.
 */
public final class Recorder implements AutoCloseable {
  /** What the names of the files end with. */
  static final String SUFFIX = ".jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final OutputStream out;
  private int count;

  /**
   * Writes to a new file in the folder.
   *
   * @param name of the thread; different for all threads of all processes that write there
   */
  public Recorder(Path folder, String name) {
    this.name = name;
    try {
      out = new FileOutputStream(folder.resolve(name + SUFFIX).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text that no other call of any recorder gives. */
  public String unique() {
    return name + "-" + ++count;
  }

  /**
   * Makes the call and records it.
   *
   * @param result what is recorded of what the call gives
   * @return what the call gives; empty when it was refused, or nobody knows
   */
  public <T> Optional<T> call(
      String name,
      String key,
      Map<String, ?> arguments,
      Supplier<T> call,
      Function<T, @Nullable Object> result) {
    return end(begin(name, key, arguments), call, result);
  }

  /** Makes a call whose beginning is recorded. */
  public <T> Optional<T> end(String id, Supplier<T> call, Function<T, @Nullable Object> result) {
    T given;
    try {
      given = call.get();
    } catch (UnknownOutcomeException unknown) {
      unknown(id, String.valueOf(unknown.getMessage()));
      return Optional.empty();
    } catch (StoreException refusal) {
      refused(id, refusal);
      return Optional.empty();
    }
    ok(id, result.apply(given));
    return Optional.of(given);
  }

  /** As the other form, for a call that gives nothing; true when it was done. */
  public boolean call(String name, String key, Map<String, ?> arguments, Runnable call) {
    return call(
            name,
            key,
            arguments,
            () -> {
              call.run();
              return true;
            },
            done -> null)
        .isPresent();
  }

  /** Records a beginning, and gives its id. */
  public String begin(String name, String key, Map<String, ?> arguments) {
    String id = unique();
    long now = System.nanoTime();
    ObjectNode line = JSON.createObjectNode();
    line.put("id", id).put("at", now).put("operation", name).put("key", key);
    line.set("arguments", JSON.valueToTree(arguments));
    write(line);
    return id;
  }

  /** Records that it was done. */
  public void ok(String id, @Nullable Object result) {
    ObjectNode line = end(id);
    line.set("ok", JSON.valueToTree(result));
    write(line);
  }

  private void refused(String id, StoreException refusal) {
    refused(id, refusal.getClass().getSimpleName() + ": " + refusal.getMessage());
  }

  /**
   * Records that it certainly had no effect.
   *
   * @param reason its type, and after a colon more about it
   */
  public void refused(String id, String reason) {
    write(end(id).put("refused", reason));
  }

  private void unknown(String id, String message) {
    write(end(id).put("unknown", message));
  }

  private static ObjectNode end(String id) {
    long now = System.nanoTime();
    return JSON.createObjectNode().put("id", id).put("at", now);
  }

  private void write(ObjectNode line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
