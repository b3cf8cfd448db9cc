package dev.wfe.bench.operations;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A workflow as hand-written code reads it: plain values, JSON as trees. */
record ReadWorkflow(
    String id,
    String name,
    @Nullable String rootWorkflowId,
    String definitionId,
    int version,
    @Nullable String description,
    @Nullable String reference,
    String status,
    @Nullable JsonNode data,
    @Nullable Long nextExecution,
    @Nullable Instant createTime,
    @Nullable Instant completeTime,
    @Nullable String xmin,
    @Nullable String ctid,
    List<Pointer> pointers) {
  /** A pointer as hand-written code reads it. */
  record Pointer(
      String id,
      @Nullable Long position,
      int stepId,
      boolean active,
      String status,
      @Nullable Instant sleepUntil,
      @Nullable JsonNode persistenceData,
      @Nullable Instant startTime,
      @Nullable Instant endTime,
      @Nullable String eventName,
      @Nullable String eventKey,
      boolean eventPublished,
      @Nullable JsonNode eventData,
      @Nullable String stepName,
      int retryCount,
      @Nullable JsonNode children,
      @Nullable JsonNode contextItem,
      @Nullable String predecessorId,
      @Nullable JsonNode outcome,
      @Nullable JsonNode scope,
      @Nullable JsonNode extensionAttributes) {}
}
