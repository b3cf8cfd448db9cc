package dev.wfe.histories;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Merges the files of all recorders, of threads and processes. */
public final class HistoryFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private HistoryFiles() {}

  /** All operations, their times counted from the first. */
  public static History read(Path folder) {
    List<Operation> operations = new ArrayList<>();
    for (Path file : files(folder)) {
      readFile(file, operations);
    }
    long start = operations.stream().mapToLong(Operation::invoked).min().orElse(0);
    return new History(operations.stream().map(operation -> operation.since(start)).toList());
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(Recorder.SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readFile(Path file, List<Operation> operations) {
    try {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      // The line that a killed process was writing: its call was not made yet, or has no end.
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      Map<String, JsonNode> ends = new HashMap<>();
      List<JsonNode> beginnings = new ArrayList<>();
      for (String line : whole.lines().toList()) {
        JsonNode record = JSON.readTree(line);
        if (record.has("operation")) {
          beginnings.add(record);
        } else {
          ends.put(record.get("id").asText(), record);
        }
      }
      for (JsonNode beginning : beginnings) {
        operations.add(operation(beginning, ends.get(beginning.get("id").asText())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Operation operation(JsonNode beginning, @Nullable JsonNode end) {
    if (end == null) {
      return operation(
          beginning, Operation.NEVER, Outcome.UNKNOWN, TextNode.valueOf("(no return)"));
    }
    long at = end.get("at").asLong();
    if (end.has("ok")) {
      return operation(beginning, at, Outcome.OK, end.get("ok"));
    }
    if (end.has("refused")) {
      return operation(beginning, at, Outcome.REFUSED, end.get("refused"));
    }
    return operation(beginning, Operation.NEVER, Outcome.UNKNOWN, end.get("unknown"));
  }

  private static Operation operation(
      JsonNode beginning, long returned, Outcome outcome, JsonNode result) {
    return new Operation(
        beginning.get("id").asText(),
        beginning.get("operation").asText(),
        beginning.get("key").asText(),
        beginning.get("arguments"),
        beginning.get("at").asLong(),
        returned,
        outcome,
        result);
  }
}
