package dev.wfe.host;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Data of workflows in tests: what was put into it, in order. */
record Notes(List<String> notes) {
  static final Notes NONE = new Notes(List.of());

  Notes(@Nullable List<String> notes) {
    this.notes = notes == null ? List.of() : List.copyOf(notes);
  }

  Notes and(String note) {
    return new Notes(Stream.concat(notes.stream(), Stream.of(note)).toList());
  }
}
