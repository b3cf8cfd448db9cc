package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.bootstrap.app.AugmentAction;
import io.quarkus.bootstrap.app.CuratedApplication;
import io.quarkus.bootstrap.app.QuarkusBootstrap;
import io.quarkus.bootstrap.app.QuarkusBootstrap.Mode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
        for (int i = 0; i < 10; i++) {
          startAndStop(augmentation);
        }

        // One left behind each time would be ten.
        assertThat(Thread.activeCount()).isLessThan(threads + 10);
        assertThat(run(server, "select count(*) from pg_stat_activity where usename = 'shop'"))
            .isEqualTo("0");
      }
    }
  }

  private static void startAndStop(AugmentAction augmentation) throws Exception {
    augmentation.createInitialRuntimeApplication().run().close();
  }

  private static String run(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.execute(sql) ? statement.getResultSet() : null) {
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }
}
