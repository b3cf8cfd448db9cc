package dev.wfe.postgres.faults.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.wfe.model.WorkflowInstance;
import dev.wfe.persistence.NotFoundException;
import dev.wfe.persistence.StoreException;
import dev.wfe.persistence.StoreUnavailableException;
import dev.wfe.postgres.PostgresOptions;
import dev.wfe.postgres.PostgresPersistenceProvider;
import dev.wfe.postgres.faults.Background;
import dev.wfe.postgres.faults.Samples;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tables lie on a disk that runs full. */
@Timeout(180)
final class DiskFullTest {
  private static final int DISK_MEGABYTES = 16;
  private static final int CHARACTERS = 300_000;
  private static final int MORE_THAN_FIT = 200;

  private static final PostgresOptions ONCE =
      PostgresOptions.builder().schema("small").poolSize(2).retryTimeout(Duration.ZERO).build();

  /** The seed does not matter: text that does not compress. */
  private final Random random = new Random(1);

  private WorkflowInstance large(String id) {
    StringBuilder text = new StringBuilder();
    random.ints(CHARACTERS, ' ' + 1, '~').forEach(text::appendCodePoint);
    return Samples.workflow(id).toBuilder()
        .data(TextNode.valueOf(text.toString()))
        .createTime(Instant.EPOCH)
        .build();
  }

  @Test
  void aWriteToAFullDiskFailsAndSucceedsWhenThereIsSpaceAgain() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(DISK_MEGABYTES);
        CrashableServer server = CrashableServer.started()) {
      useDisk(server, disk);
      try (PostgresPersistenceProvider store =
              PostgresPersistenceProvider.connect(server.jdbcUrl(), ONCE);
          PostgresPersistenceProvider patient =
              PostgresPersistenceProvider.connect(
                  server.jdbcUrl(), ONCE.toBuilder().retryTimeout(Duration.ofMinutes(1)).build())) {
        store.ensureStoreExists();
        runFull(disk, store, patient);
      }
    }
  }

  private static void useDisk(CrashableServer server, SmallDisk disk) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("create tablespace small location '%s'".formatted(disk.folder()));
      statement.execute("alter database postgres set default_tablespace to small");
    }
  }

  private void runFull(
      SmallDisk disk, PostgresPersistenceProvider store, PostgresPersistenceProvider patient)
      throws Exception {
    WorkflowInstance first = Samples.stored(store, "first");
    disk.fill();
    List<String> created = new ArrayList<>();
    WorkflowInstance refused = createUntilRefused(store, created);

    assertThatThrownBy(() -> store.getWorkflowInstance(refused.id()))
        .isInstanceOf(NotFoundException.class);
    WorkflowInstance grown = first.toBuilder().data(refused.data()).build();
    assertThatThrownBy(() -> store.persistWorkflow(grown))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(store.getWorkflowInstance("first")).isEqualTo(first);
    assertThat(store.getWorkflowInstances(created)).hasSameSizeAs(created);

    Background<String> waiting = Background.of(() -> patient.createNewWorkflow(refused));
    disk.makeSpace();
    assertThat(waiting.value()).isEqualTo(refused.id());
    assertThat(store.getWorkflowInstance(refused.id())).isEqualTo(refused);
    assertThat(store.persistWorkflow(grown)).isEqualTo(grown);
  }

  private WorkflowInstance createUntilRefused(
      PostgresPersistenceProvider store, List<String> created) {
    for (int i = 0; i < MORE_THAN_FIT; i++) {
      WorkflowInstance large = large("large-" + i);
      try {
        created.add(store.createNewWorkflow(large));
      } catch (StoreException full) {
        assertThat(full)
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("SQLState 53100");
        assertThat(full.ids()).containsExactly(large.id());
        return large;
      }
    }
    throw new AssertionError("The disk does not become full");
  }
}
