package dev.wfe.postgres.internal.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wfe.model.ExecutionPointer;
import dev.wfe.model.LiveWorkflow;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.postgres.internal.mapping.Positions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PostgresRevisionTest {
  private static final WorkflowInstance SHOWN =
      WorkflowInstance.builder("order", 1)
          .id("w")
          .name("w")
          .executionPointers(List.of(ExecutionPointer.builder("p", 1).build()))
          .build();

  @Test
  void livePartKnowsTheLastPositionOfTheInstance() {
    LiveWorkflow live = PostgresRevision.livePart(SHOWN, "version", positions(7), 12);

    PostgresRevision revision = Objects.requireNonNull(PostgresRevision.of(live));
    assertThat(revision.isPartial()).isTrue();
    assertThat(revision.lastPosition()).isEqualTo(12);
    assertThat(revision.positions().get(0)).isEqualTo(7);
    assertThat(revision.stored()).isEqualTo(SHOWN);
    assertThat(live).isEqualTo(LiveWorkflow.of(SHOWN));
  }

  @Test
  void wholeInstanceKnowsItsLastPosition() {
    WorkflowInstance whole = PostgresRevision.withRevision(SHOWN, "version", positions(7));

    PostgresRevision revision = Objects.requireNonNull(PostgresRevision.of(whole));
    assertThat(revision.isPartial()).isFalse();
    assertThat(revision.lastPosition()).isEqualTo(7);
  }

  @Test
  void revisionOfALivePartIsRefusedOnAnInstance() {
    LiveWorkflow live = PostgresRevision.livePart(SHOWN, "version", positions(7), 12);
    WorkflowInstance instance = SHOWN.toBuilder().revision(live.revision()).build();

    assertThatThrownBy(() -> PostgresRevision.of(instance))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(
            "WorkflowInstance 'w': revision belongs to the live part of the instance, which may"
                + " lack pointers; use write");
  }

  private static Positions positions(long only) {
    Positions positions = new Positions(1);
    positions.set(0, only);
    return positions;
  }
}
