package dev.wfe.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wfe.model.WorkflowInstance;
import dev.wfe.model.WorkflowStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Due instances, many instances at once, and sequences. */
public abstract class WorkflowQueriesContract extends Contract {
  private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

  @BeforeEach
  void startEmpty() {
    store().empty();
  }

  private String create(String id, @Nullable Long nextExecution) {
    return provider()
        .createNewWorkflow(
            Samples.fullInstance().toBuilder()
                .id(id)
                .status(WorkflowStatus.RUNNABLE)
                .nextExecution(nextExecution)
                .build());
  }

  @Test
  void dueInstancesAreRunnableEarliestFirst() {
    long now = NOW.toEpochMilli();
    create("now", now);
    create("at once", 0L);
    create("not yet", now + 1);
    create("before the epoch", -1L);
    create("just before", now - 1);
    create("never", null);

    assertThat(provider().getRunnableInstances(NOW))
        .containsExactly("before the epoch", "at once", "just before", "now");
  }

  @Test
  void tiesAreBrokenById() {
    List<String> ids = IntStream.range(0, 20).mapToObj(i -> Samples.unique("tie")).toList();
    ids.forEach(id -> create(id, 5L));
    List<String> sorted = ids.stream().sorted().toList();

    assertThat(provider().getRunnableInstances(NOW)).containsExactlyElementsOf(sorted);
    assertThat(provider().getRunnableInstances(NOW, 2))
        .containsExactlyElementsOf(sorted.subList(0, 2));
  }

  @Test
  void aLimitTakesTheEarliest() {
    for (int i = 9; i >= 0; i--) {
      create("w" + i, (long) i);
    }

    assertThat(provider().getRunnableInstances(NOW, 3)).containsExactly("w0", "w1", "w2");
    assertThat(provider().getRunnableInstances(NOW, 1)).containsExactly("w0");
    assertThat(provider().getRunnableInstances(NOW, Integer.MAX_VALUE)).hasSize(10);
  }

  @ParameterizedTest
  @EnumSource
  void onlyWhatIsRunnableIsFound(WorkflowStatus status) {
    provider().createNewWorkflow(Samples.instance().toBuilder().id("w").status(status).build());

    assertThat(provider().getRunnableInstances(NOW))
        .hasSize(status == WorkflowStatus.RUNNABLE ? 1 : 0);
  }

  @Test
  void anInstanceThatIsPersistedIsFoundByItsNewTimeAndStatus() {
    String id = create("w", 0L);
    WorkflowInstance read = provider().getWorkflowInstance(id);

    WorkflowInstance later =
        provider().persistWorkflow(read.toBuilder().nextExecution(NOW.toEpochMilli() + 1).build());
    assertThat(provider().getRunnableInstances(NOW)).isEmpty();
    assertThat(provider().getRunnableInstances(NOW.plusMillis(1))).containsExactly(id);

    provider().persistWorkflow(later.toBuilder().status(WorkflowStatus.COMPLETE).build());
    assertThat(provider().getRunnableInstances(Instant.MAX)).isEmpty();
  }

  @Test
  void theFull64BitRangeIsLegal() {
    create("first", Long.MIN_VALUE);
    create("last", Long.MAX_VALUE);

    assertThat(provider().getWorkflowInstance("first").nextExecution()).isEqualTo(Long.MIN_VALUE);
    assertThat(provider().getWorkflowInstance("last").nextExecution()).isEqualTo(Long.MAX_VALUE);
    assertThat(provider().getRunnableInstances(NOW)).containsExactly("first");
    assertThat(provider().getRunnableInstances(Instant.MAX)).containsExactly("first", "last");
  }

  @Test
  void anyInstantIsAcceptedAsABound() {
    create("at once", 0L);

    assertThat(provider().getRunnableInstances(Instant.MIN)).isEmpty();
    assertThat(provider().getRunnableInstances(Instant.EPOCH.minusNanos(1))).isEmpty();
    assertThat(provider().getRunnableInstances(Instant.EPOCH)).containsExactly("at once");
    assertThat(provider().getRunnableInstances(Instant.MAX, 1)).containsExactly("at once");
  }

  @Test
  void manyAreReadInTheOrderAskedAndAsOftenAsAsked() {
    List<WorkflowInstance> instances =
        IntStream.range(0, 5).mapToObj(i -> Samples.fullInstance()).toList();
    instances.forEach(provider()::createNewWorkflow);
    List<String> ids = new ArrayList<>(instances.stream().map(WorkflowInstance::id).toList());
    Collections.reverse(ids);
    ids.add(1, "missing");
    ids.add(ids.get(0));

    List<WorkflowInstance> expected = new ArrayList<>(instances);
    Collections.reverse(expected);
    expected.add(expected.get(0));
    assertThat(provider().getWorkflowInstances(ids)).containsExactlyElementsOf(expected);
    assertThat(provider().getWorkflowInstances(Set.of(ids.get(0))))
        .containsExactly(expected.get(0));
  }

  @Test
  void noneAreReadForNoIds() {
    assertThat(provider().getWorkflowInstances(List.of())).isEmpty();
    assertThat(provider().getWorkflowInstances(List.of("missing"))).isEmpty();
  }

  @Test
  void manyIdsMayBeAsked() {
    WorkflowInstance instance = Samples.fullInstance();
    provider().createNewWorkflow(instance);
    List<String> ids = new ArrayList<>();
    IntStream.range(0, 70_000).forEach(i -> ids.add("missing " + i));
    ids.add(35_000, instance.id());

    assertThat(provider().getWorkflowInstances(ids)).containsExactly(instance);
  }

  @Test
  void aDefinitionIsCountedFromOne() {
    String definition = Samples.unique("definition");
    String other = Samples.unique("other");

    assertThat(provider().nextDefinitionSequence(definition)).isEqualTo(1);
    assertThat(anotherHost().nextDefinitionSequence(definition)).isEqualTo(2);
    assertThat(provider().nextDefinitionSequence(other)).isEqualTo(1);
    assertThat(provider().nextDefinitionSequence(definition)).isEqualTo(3);
  }

  @Test
  void noNumberIsGivenTwiceToThirtyTwoThreads() throws Exception {
    String definition = Samples.unique("definition");
    int threads = 32;
    int each = 10;

    List<List<Long>> numbers =
        Together.run(
            threads,
            number ->
                () ->
                    IntStream.range(0, each)
                        .mapToObj(i -> host(number).nextDefinitionSequence(definition))
                        .toList());

    Set<Long> distinct = new TreeSet<>();
    for (List<Long> ofOneThread : numbers) {
      assertThat(ofOneThread).isSorted();
      distinct.addAll(ofOneThread);
    }
    assertThat(distinct).hasSize(threads * each).allMatch(number -> number >= 1);
  }
}
