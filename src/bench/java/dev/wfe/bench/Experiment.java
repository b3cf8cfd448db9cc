package dev.wfe.bench;

/** A measurement that is no comparison of implementations. */
public interface Experiment {
  /** The name by which {@code -Dbench} selects it. */
  String name();

  /** Measures, and returns the results as a table in Markdown. */
  String run() throws Exception;
}
