package dev.wfe.host;

import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.DueWorkflow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports due workflows that no host executes, because this host does not know their definitions
 * and other hosts have not claimed them between two looks. Used by one thread at a time.
 */
final class UnknownDefinitions {
  private static final Logger LOG = LoggerFactory.getLogger(UnknownDefinitions.class);

  private final Definitions definitions;
  private final Set<DefinitionVersion> reported = new HashSet<>();
  private Map<DefinitionVersion, DueWorkflow> last = Map.of();

  UnknownDefinitions(Definitions definitions) {
    this.definitions = definitions;
  }

  /**
   * Looks for workflows that were due at the last look too. Each definition is reported once, and
   * again after its workflows were executed in between.
   *
   * @param found the definitions of which a workflow is due now
   * @return the definitions that were reported now
   */
  Set<DefinitionVersion> look(Map<DefinitionVersion, DueWorkflow> found) {
    Map<DefinitionVersion, DueWorkflow> due = new HashMap<>(found);
    due.keySet().removeAll(definitions.versions());
    Map<DefinitionVersion, DueWorkflow> left = new HashMap<>(due);
    left.entrySet().retainAll(last.entrySet());
    last = due;
    reported.retainAll(left.keySet());
    left.keySet().removeAll(reported);
    left.forEach(
        (definition, workflow) ->
            LOG.warn(
                "Workflow {} of definition '{}' version {} is due, but no host executes it. This host does not know the definition",
                workflow.id(),
                definition.definitionId(),
                definition.version()));
    reported.addAll(left.keySet());
    return Set.copyOf(left.keySet());
  }

  /** The definitions that are reported, and of which a workflow was still due at the last look. */
  Set<DefinitionVersion> reported() {
    return Set.copyOf(reported);
  }
}
