package dev.wfe.bench.peers;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.PointerStatus;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.ClaimRequest;
import dev.wfe.persistence.ClaimedWorkflow;
import dev.wfe.persistence.ClaimedWorkflows;
import dev.wfe.persistence.DefinitionVersion;
import dev.wfe.persistence.ItemResult;
import dev.wfe.persistence.WorkflowWrite;
import dev.wfe.persistence.WorkflowWrite.LeaseAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * This library's store without its host: a few threads claim workflows, and write all that they
 * have claimed as complete, with the steps and the release of the leases.
 */
final class StoreEngine extends LibraryStarts implements Engine.Claiming {
  private static final int THREADS = 4;
  private static final int BATCH = 128;
  private static final List<DefinitionVersion> DEFINITIONS =
      List.of(new DefinitionVersion("order", 1));
  private static final long MAX_BYTES = 32L * 1024 * 1024;
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final Runnable executed;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  StoreEngine(String url, Runnable executed) {
    super(url, 1, () -> {});
    this.executed = executed;
  }

  @Override
  public Claimed claim(int limit) {
    List<ClaimedWorkflow> claimed = claimWorkflows(limit).workflows();
    return new Claimed(
        claimed.stream().map(workflow -> workflow.claim().id()).toList(),
        () -> provider.release(claimed.stream().map(ClaimedWorkflow::claim).toList()));
  }

  private ClaimedWorkflows claimWorkflows(int limit) {
    return provider.claimWorkflows(new ClaimRequest("bench", DEFINITIONS, limit, MAX_BYTES, LEASE));
  }

  @Override
  public void run() {
    for (int thread = 0; thread < THREADS; thread++) {
      threads.execute(this::executeAll);
    }
  }

  private void executeAll() {
    for (List<ClaimedWorkflow> claimed = claimWorkflows(BATCH).workflows();
        !claimed.isEmpty();
        claimed = claimWorkflows(BATCH).workflows()) {
      provider
          .writeAll(claimed.stream().map(StoreEngine::completion).toList())
          .forEach(ItemResult::orThrow);
      claimed.forEach(workflow -> executed.run());
    }
  }

  private static WorkflowWrite completion(ClaimedWorkflow claimed) {
    Instant now = Instant.now();
    LiveWorkflow workflow = claimed.workflow();
    List<ExecutionPointer> complete =
        workflow.pointers().stream()
            .map(
                pointer ->
                    pointer.toBuilder()
                        .status(PointerStatus.COMPLETE)
                        .active(false)
                        .startTime(now)
                        .endTime(now)
                        .build())
            .toList();
    return WorkflowWrite.of(
            workflow.toBuilder()
                .pointers(complete)
                .status(WorkflowStatus.COMPLETE)
                .nextExecution(null)
                .completeTime(now)
                .build())
        .endAllSubscriptions()
        .under(claimed.claim(), LeaseAction.RELEASE)
        .build();
  }

  @Override
  public void close() {
    threads.shutdown();
    provider.close();
  }
}
