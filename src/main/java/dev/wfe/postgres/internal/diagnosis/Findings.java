package dev.wfe.postgres.internal.diagnosis;

import dev.wfe.persistence.StoreFinding;
import dev.wfe.persistence.StoreFinding.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Collects findings. Not thread-safe. */
final class Findings {
  private static final double MEBI = 1 << 20;

  private final List<StoreFinding> all = new ArrayList<>();

  void add(StoreFinding finding) {
    all.add(finding);
  }

  void critical(String check, String finding, String reason, String remedy) {
    all.add(new StoreFinding(Severity.CRITICAL, check, finding, reason, remedy));
  }

  void warning(String check, String finding, String reason, String remedy) {
    all.add(new StoreFinding(Severity.WARNING, check, finding, reason, remedy));
  }

  void info(String check, String finding, String reason, @Nullable String remedy) {
    all.add(new StoreFinding(Severity.INFO, check, finding, reason, remedy));
  }

  /** The most severe first, otherwise in the order in which they were found. */
  List<StoreFinding> sorted() {
    return all.stream().sorted(Comparator.comparing(StoreFinding::severity)).toList();
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / MEBI);
  }

  static String duration(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
  }
}
