package dev.wfe.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.wfe.memory.InMemoryPersistenceProvider;
import dev.wfe.model.Event;
import dev.wfe.model.ExecutionError;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import dev.wfe.persistence.InvalidValueException;
import dev.wfe.persistence.PurgeTarget;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PurgeTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
  private static final Retention RETENTION =
      Retention.builder().complete(DAY).events(DAY).errors(DAY).orphans(DAY).build();
  private static final Retention EXPORTABLE =
      Retention.builder().complete(DAY).events(DAY).errors(DAY).build();

  private final InMemoryPersistenceProvider store = new InMemoryPersistenceProvider();

  private void fill(int workflows) {
    for (int i = 0; i < workflows; i++) {
      store.createNewWorkflow(
          WorkflowInstance.builder("order", 1)
              .id("w" + i)
              .status(WorkflowStatus.COMPLETE)
              .completeTime(OLD)
              .build());
    }
    store.createEvent(Event.builder("paid", "1").id("e").eventTime(OLD).processed(true).build());
    store.persistErrors(List.of(new ExecutionError(OLD, "w", "p", "m")));
  }

  private List<String> left(int workflows) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < workflows; i++) {
      ids.add("w" + i);
    }
    return store.getWorkflowInstances(ids).stream().map(WorkflowInstance::id).toList();
  }

  private Purge.Builder purge(Retention retention) {
    return Purge.of(store, retention).pause(Duration.ZERO);
  }

  @Test
  void aRunDeletesEverythingThatIsNotKept() throws Exception {
    fill(5);
    List<PurgeProgress> progress = new ArrayList<>();

    long deleted = purge(RETENTION).batchSize(2).onProgress(progress::add).build().run();

    assertThat(deleted).isEqualTo(7);
    assertThat(left(5)).isEmpty();
    assertThat(progress.stream().limit(4).map(PurgeProgress::deleted)).containsExactly(2, 2, 1, 1);
    assertThat(progress.get(progress.size() - 1).total()).isEqualTo(7);
    assertThat(progress.stream().map(done -> done.target().kind()).distinct())
        .containsExactly(PurgeTarget.Kind.values());
  }

  @Test
  void nothingIsDeletedIfEverythingIsKept() throws Exception {
    fill(1);

    assertThat(purge(Retention.builder().build()).build().run()).isZero();

    assertThat(left(1)).hasSize(1);
  }

  @Test
  void aDryRunCountsAndDeletesNothing() {
    fill(3);

    assertThat(purge(EXPORTABLE).build().dryRun(2))
        .extracting(Purge.Count::count, Purge.Count::isExact)
        .containsExactly(tuple(2, false), tuple(1, true), tuple(1, true));

    assertThat(left(3)).hasSize(3);
  }

  @Test
  void whatIsDeletedIsExported() throws Exception {
    fill(3);
    StringWriter lines = new StringWriter();

    long deleted = purge(EXPORTABLE).batchSize(2).exportTo(ExportSink.to(lines)).build().run();

    assertThat(deleted).isEqualTo(5);
    assertThat(lines.toString().lines()).hasSize(5);
    assertThat(lines.toString()).contains("\"id\":\"w0\"", "\"id\":\"w2\"", "\"event_name\":");
    assertThat(left(3)).isEmpty();
  }

  /** Fails when it flushes for the second time. */
  private final class FailingSink implements ExportSink {
    private final AtomicInteger flushes = new AtomicInteger();
    private final List<String> leftAtFlush = new ArrayList<>();

    @Override
    public void write(PurgeTarget.Kind kind, String line) {}

    @Override
    public void flush() throws IOException {
      leftAtFlush.addAll(left(4));
      if (flushes.incrementAndGet() == 2) {
        throw new IOException("disk full");
      }
    }
  }

  @Test
  void nothingIsDeletedBeforeItsLineIsFlushed() {
    fill(4);
    FailingSink sink = new FailingSink();

    assertThatThrownBy(() -> purge(EXPORTABLE).batchSize(2).exportTo(sink).build().run())
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");

    assertThat(sink.leftAtFlush).containsExactly("w0", "w1", "w2", "w3", "w2", "w3");
    assertThat(left(4)).containsExactly("w2", "w3");
  }

  @Test
  void orphansCannotBeExported() {
    assertThatThrownBy(
            () -> purge(RETENTION).exportTo(ExportSink.to(new StringWriter())).build().run())
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("Orphans");
  }

  @Test
  void anInterruptionEndsTheRunBetweenBatches() throws Exception {
    fill(4);
    Purge interrupted =
        purge(RETENTION)
            .batchSize(2)
            .onProgress(done -> Thread.currentThread().interrupt())
            .build();

    assertThatThrownBy(interrupted::run).isInstanceOf(InterruptedException.class);

    assertThat(left(4)).hasSize(2);
    assertThat(purge(RETENTION).build().run()).isEqualTo(4);
    assertThat(left(4)).isEmpty();
  }

  @Test
  void badSettingsAreRefused() {
    assertThatThrownBy(() -> purge(RETENTION).batchSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchSize");
    assertThatThrownBy(() -> purge(RETENTION).pause(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pause");
    assertThatThrownBy(() -> Retention.builder().complete(Duration.ofDays(100_001)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("age");
  }
}
