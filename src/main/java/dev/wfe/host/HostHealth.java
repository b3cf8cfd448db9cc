package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link WorkflowHost} is. Taken from what the host knows, without a call to the database.
 * Immutable.
 *
 * @param isRunning whether it was started and not closed
 * @param failingSince since when the host cannot work, by this machine's clock, because the
 *     database cannot be reached, or has not answered for 5 seconds (with leases of less than 30
 *     seconds: a sixth of a lease); null if it answers
 * @param lastContact when the database answered last, by this machine's clock; null if it has not
 *     yet
 * @param lag for how long the earliest due workflow of the host's definitions had been due when the
 *     host looked last; zero if none was due; null if it has not looked yet
 * @param unknownDefinitions the definitions that the host does not know, and of which a workflow
 *     stays due because no other host executes it either
 */
public record HostHealth(
    boolean isRunning,
    @Nullable Instant failingSince,
    @Nullable Instant lastContact,
    @Nullable Duration lag,
    Set<DefinitionVersion> unknownDefinitions) {
  /** Copies the set. */
  public HostHealth {
    unknownDefinitions = Set.copyOf(unknownDefinitions);
  }

  /**
   * Whether the host executes workflows: it is running, and reaches the database. A lag or unknown
   * definitions do not count.
   */
  public boolean isReady() {
    return isRunning && failingSince == null;
  }

  /** The components as text, for a health endpoint. Unknown ones are left out. */
  public Map<String, String> details() {
    Map<String, String> details = new TreeMap<>();
    details.put("running", Boolean.toString(isRunning));
    if (failingSince != null) {
      details.put("failingSince", failingSince.toString());
    }
    if (lastContact != null) {
      details.put("lastContact", lastContact.toString());
    }
    if (lag != null) {
      details.put("lag", lag.toString());
    }
    if (!unknownDefinitions.isEmpty()) {
      details.put(
          "unknownDefinitions",
          unknownDefinitions.stream()
              .map(unknown -> unknown.definitionId() + "/" + unknown.version())
              .sorted()
              .collect(Collectors.joining(", ")));
    }
    return details;
  }
}
