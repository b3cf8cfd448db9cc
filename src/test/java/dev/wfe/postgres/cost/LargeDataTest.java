package dev.wfe.postgres.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.testing.Instances;
import dev.wfe.postgres.testing.TestDatabase;
import dev.wfe.postgres.testing.TestDatabaseExtension;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Large data that did not change is neither sent nor written again. */
@ExtendWith(TestDatabaseExtension.class)
final class LargeDataTest {
  private static final int PARTS = 20;
  private static final int PART = 1 << 20;
  private static final int FEW_BYTES = 16 * 1024;

  private final TestDatabase database;
  private PostgresPersistenceProvider provider;
  private WorkflowInstance stored;

  LargeDataTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void store() {
    provider =
        PostgresPersistenceProvider.connect(
            CountingSockets.url(database), PostgresOptions.builder().poolSize(1).build());
    provider.truncateAll();
    provider.createNewWorkflow(
        Instances.withPointers("large", 10).toBuilder().data(largeData()).build());
    stored = provider.getWorkflowInstance("large");
  }

  @AfterEach
  void close() {
    provider.close();
  }

  /** Without patterns that the server could compress. */
  private static ArrayNode largeData() {
    ArrayNode data = JsonNodeFactory.instance.arrayNode();
    Random random = new Random(7);
    for (int i = 0; i < PARTS; i++) {
      byte[] part = new byte[PART * 3 / 4];
      random.nextBytes(part);
      data.add(Base64.getEncoder().encodeToString(part));
    }
    return data;
  }

  private long sentBy(WorkflowInstance instance) {
    long before = CountingSockets.bytes();
    stored = provider.persistWorkflow(instance);
    return CountingSockets.bytes() - before;
  }

  @Test
  void changingAPointerDoesNotSendItAgain() {
    assertThat(sentBy(Instances.stepped(stored, 3))).isLessThan(FEW_BYTES);
    assertThat(sentBy(Instances.stepped(stored, 3))).isLessThan(FEW_BYTES);
    assertThat(provider.getWorkflowInstance("large")).isEqualTo(stored);
  }

  @Test
  void anEqualTreeBuiltAnewIsNotSentAgain() {
    assertThat(sentBy(Instances.stepped(stored, 3).toBuilder().data(largeData()).build()))
        .isLessThan(FEW_BYTES);
  }

  @Test
  void aChangeInItSendsItWhole() {
    ArrayNode changed = largeData().add("one more");

    assertThat(sentBy(stored.toBuilder().data(changed).build())).isGreaterThan(PARTS * PART);
    assertThat(provider.getWorkflowInstance("large").data()).isEqualTo(changed);
  }

  @Test
  void changingAPointerDoesNotWriteItAgain() {
    provider.persistWorkflow(Instances.stepped(stored, 3));
    String before = database.queryForString("select pg_table_size('wfc.workflows')");

    WorkflowInstance at = provider.getWorkflowInstance("large");
    for (int i = 0; i < 5; i++) {
      at = provider.persistWorkflow(Instances.stepped(at, 3));
    }

    assertThat(database.queryForString("select pg_table_size('wfc.workflows')")).isEqualTo(before);
  }
}
