package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.bootstrap.app.AugmentAction;
import io.quarkus.bootstrap.app.CuratedApplication;
import io.quarkus.bootstrap.app.QuarkusBootstrap;
import io.quarkus.bootstrap.app.QuarkusBootstrap.Mode;
import io.quarkus.bootstrap.app.RunningQuarkusApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As in development mode, where each change of the source starts the application anew. */
class RestartTest {
  @Test
  void startedTenTimesItLeavesNothingBehind() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
      run(server, "create role shop login superuser");
      System.setProperty(
          "quarkus.datasource.jdbc.url",
          "jdbc:postgresql://localhost:%d/postgres?user=shop".formatted(server.getPort()));
      System.setProperty("quarkus.http.host-enabled", "false");
      try (CuratedApplication application =
          QuarkusBootstrap.builder()
              .setApplicationRoot(Path.of("target/classes"))
              .setProjectRoot(Path.of("").toAbsolutePath())
              .setBaseClassLoader(RestartTest.class.getClassLoader())
              .setMode(Mode.TEST)
              .build()
              .bootstrap()) {
        AugmentAction augmentation = application.createAugmentor();
        startAndStop(augmentation);
        int threads = Thread.activeCount();
        List<WeakReference<ClassLoader>> starts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          starts.add(startAndStop(augmentation));
        }

        // One left behind each time would be ten.
        assertThat(Thread.activeCount()).isLessThan(threads + 10);
        assertThat(run(server, "select count(*) from pg_stat_activity where usename = 'shop'"))
            .isEqualTo("0");
        // Quarkus itself may keep the last one. That soft references go is set in the pom.
        System.gc();
        assertThat(starts.stream().filter(start -> start.get() != null).count())
            .isLessThanOrEqualTo(1);
      }
    }
  }

  private static WeakReference<ClassLoader> startAndStop(AugmentAction augmentation)
      throws Exception {
    try (RunningQuarkusApplication running = augmentation.createInitialRuntimeApplication().run()) {
      return new WeakReference<>(running.getClassLoader());
    }
  }

  private static String run(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
