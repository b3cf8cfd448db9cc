package dev.wfe.histories;

import java.util.List;

/** Decides whether a history keeps one kind of promise. Thread-safe. */
@FunctionalInterface
interface Checker {
  /** What was not kept; empty when all was. */
  List<Violation> check(History history);
}
