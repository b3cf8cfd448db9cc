package dev.wfe.cli;

/** How rows are printed. */
enum OutputFormat {
  /** For people. */
  TABLE,
  /** For programs: one JSON document. */
  JSON,
  /** For spreadsheets: comma-separated values with a header. */
  CSV
}
