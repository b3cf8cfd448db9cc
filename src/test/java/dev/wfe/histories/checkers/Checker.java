package dev.wfe.histories.checkers;

import dev.wfe.histories.History;
import java.util.List;

/** Decides whether a history keeps one kind of guarantee. Thread-safe. */
@FunctionalInterface
public interface Checker {
  /** The violations; empty if there are none. */
  List<Violation> check(History history);
}
