package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wfe.host.StartOptions;
import dev.wfe.host.Workflow;
import dev.wfe.host.WorkflowClient;
import dev.wfe.postgres.PostgresPersistenceProvider;
import io.quarkus.bootstrap.app.AugmentAction;
import io.quarkus.bootstrap.app.CuratedApplication;
import io.quarkus.bootstrap.app.QuarkusBootstrap;
import io.quarkus.bootstrap.app.QuarkusBootstrap.Mode;
import io.quarkus.bootstrap.app.RunningQuarkusApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Starts the application several times, as development mode does after each change of the source.
 */
class RestartTest {
  private static EmbeddedPostgres server;
  private static CuratedApplication application;
  private static AugmentAction augmentation;

  @BeforeAll
  static void build() throws Exception {
    server = EmbeddedPostgres.start();
    run("create role shop login superuser");
    System.setProperty(
        "quarkus.datasource.jdbc.url",
        "jdbc:postgresql://localhost:%d/postgres?user=shop".formatted(server.getPort()));
    System.setProperty("quarkus.http.host-enabled", "false");
    application =
        QuarkusBootstrap.builder()
            .setApplicationRoot(Path.of("target/classes"))
            .setProjectRoot(Path.of("").toAbsolutePath())
            .setBaseClassLoader(RestartTest.class.getClassLoader())
            .setMode(Mode.TEST)
            .build()
            .bootstrap();
    augmentation = application.createAugmentor();
  }

  @AfterAll
  static void close() throws IOException {
    application.close();
    server.close();
  }

  @Test
  void startedTenTimesItLeavesNothingBehind() throws Exception {
    startAndStop();
    int threads = Thread.activeCount();
    List<WeakReference<ClassLoader>> starts = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      starts.add(startAndStop());
    }

    await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertNothingIsLeft(threads, starts));
  }

  /** Waits, because threads and connections end some time after the application has stopped. */
  private static void assertNothingIsLeft(int threads, List<WeakReference<ClassLoader>> starts)
      throws SQLException {
    // If each start left one behind, there would be ten.
    assertThat(Thread.activeCount()).isLessThan(threads + 10);
    assertThat(run("select count(*) from pg_stat_activity where usename = 'shop'")).isEqualTo("0");
    // Quarkus may keep the last one. java.lang.runtime.ObjectMethods may keep three more: the last
    // record class for each of equals, hashCode and toString. The POM makes soft references be
    // cleared at once.
    System.gc();
    assertThat(starts.stream().filter(start -> start.get() != null).count()).isLessThanOrEqualTo(4);
  }

  @Test
  void withoutItsSettingItDoesNotStartAndSaysWhatToSet() {
    System.setProperty("wfe.persistence-unit", "");
    try {
      assertThatThrownBy(RestartTest::startAndStop)
          .hasStackTraceContaining(
              "The location of the workflow store is not configured; set exactly one of");
    } finally {
      System.clearProperty("wfe.persistence-unit");
    }
  }

  @Test
  void aWaitingWorkflowGoesOnAfterARestart() throws Exception {
    Workflow<Purchase> execution = new Workflows().execution();
    try (RunningQuarkusApplication first = augmentation.createInitialRuntimeApplication().run();
        PostgresPersistenceProvider store =
            PostgresPersistenceProvider.connect(
                System.getProperty("quarkus.datasource.jdbc.url"))) {
      WorkflowClient workflows = WorkflowClient.over(store);
      run("insert into orders values ('1001', 'Ada')");
      workflows.startWorkflow(execution, new Purchase("1001", null), StartOptions.id("1001"));
      first.close();

      try (var second = augmentation.createInitialRuntimeApplication().run()) {
        workflows.publish(Purchase.PAID, "1001", "r-1");
        workflows.awaitEnd(execution, "1001", Duration.ofMinutes(1));
        assertThat(run("select receipt from orders")).isEqualTo("r-1");
      }
    }
  }

  private static WeakReference<ClassLoader> startAndStop() throws Exception {
    WeakReference<ClassLoader> start;
    try (RunningQuarkusApplication running = augmentation.createInitialRuntimeApplication().run()) {
      start = new WeakReference<>(running.getClassLoader());
    }
    // Fails if this start has not created the store.
    run("drop schema wfc cascade");
    return start;
  }

  private static String run(String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
