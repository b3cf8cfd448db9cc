package dev.wfe.tck;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.PersistenceProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the contracts of leases have in common: a definition that no other test claims. */
public abstract class LeasingContract extends Contract {
  static final Duration LONG = Duration.ofHours(1);
  static final Duration SHORTEST = Duration.ofMillis(1);
  static final long LATER = 32_503_680_000_000L;

  final DefinitionVersion definition =
      new DefinitionVersion(Samples.unique("leased definition"), 1);

  final WorkflowInstance.Builder instance() {
    return Samples.instance().toBuilder()
        .workflowDefinitionId(definition.definitionId())
        .version(definition.version());
  }

  /** Creates a workflow that is due since the time, and returns its id. */
  final String due(long nextExecution) {
    return provider().createNewWorkflow(instance().nextExecution(nextExecution).build());
  }

  final ClaimRequest request(String owner, int limit, Duration lease) {
    return new ClaimRequest(owner, List.of(definition), limit, Long.MAX_VALUE, lease);
  }

  /** Claims all that is due, for long. */
  final ClaimedWorkflows claimAll(PersistenceProvider host, String owner) {
    return host.claimWorkflows(request(owner, 100, LONG));
  }

  /** Creates a workflow that is due, and claims it. */
  final ClaimedWorkflow claimed(Duration lease) {
    due(0);
    return provider().claimWorkflows(request("first", 1, lease)).workflows().get(0);
  }

  /** Claims the only due workflow, after the lease on it has expired. */
  final ClaimedWorkflow takenOver(String owner, Duration lease) {
    List<ClaimedWorkflow> claimed = new ArrayList<>();
    Together.until(
        () -> {
          claimed.addAll(anotherHost().claimWorkflows(request(owner, 1, lease)).workflows());
          return !claimed.isEmpty();
        });
    return claimed.get(0);
  }

  static List<String> ids(ClaimedWorkflows claimed) {
    return claimed.workflows().stream().map(one -> one.workflow().id()).toList();
  }
}
