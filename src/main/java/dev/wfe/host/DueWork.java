package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.util.Set;

/**
 * Work that is due at one moment, and that no host executes. Immutable.
 *
 * @param due how many workflows of all definitions are due; at most {@value #MAX_COUNT}
 * @param overdue how many of them have been due for more than a minute; at most {@value #MAX_COUNT}
 * @param oldest for how long the earliest one of this host's definitions has been due; zero if none
 *     is due
 * @param unknownDefinitions the definitions that this host does not know, and of which a workflow
 *     stays due
 */
public record DueWork(
    int due, int overdue, Duration oldest, Set<DefinitionVersion> unknownDefinitions) {
  /** Up to this number, workflows are counted. */
  public static final int MAX_COUNT = 1_000;

  /** Copies the set. */
  public DueWork {
    unknownDefinitions = Set.copyOf(unknownDefinitions);
  }
}
