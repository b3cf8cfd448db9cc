package dev.wfe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All tests share a folder, because unpacking the server takes long. Each works in any state of it.
 */
class EmbeddedServerTest {
  @TempDir static Path folder;

  private final List<String> progress = new ArrayList<>();

  private EmbeddedServer start() {
    return EmbeddedServer.start(folder, progress::add);
  }

  @Test
  void committedDataIsThereAtTheNextStart() throws SQLException {
    try (EmbeddedServer server = start()) {
      execute(server.jdbcUrl(), "create table if not exists kept (n int)");
      execute(server.jdbcUrl(), "insert into kept values (17)");
    }
    try (EmbeddedServer server = start()) {
      assertThat(query(server.jdbcUrl(), "select count(*) > 0 from kept where n = 17"))
          .isEqualTo("t");
    }
  }

  @Test
  void theServerIsDurableAndListensOnlyOnTheLoopbackInterface() throws SQLException {
    try (EmbeddedServer server = start()) {
      assertThat(query(server.jdbcUrl(), "show fsync")).isEqualTo("on");
      assertThat(query(server.jdbcUrl(), "show synchronous_commit")).isEqualTo("on");
      assertThat(query(server.jdbcUrl(), "show full_page_writes")).isEqualTo("on");
      assertThat(query(server.jdbcUrl(), "show listen_addresses")).isEqualTo("localhost");
    }
  }

  @Test
  void theServerIsOfTheVersionThatTheBuildNames() throws SQLException {
    String version = System.getProperty("server.version", "").replaceFirst("\\.0$", "");
    try (EmbeddedServer server = start()) {
      assertThat(query(server.jdbcUrl(), "show server_version")).isEqualTo(version);
    }
  }

  @Test
  void aSecondRunningCopyIsRefused() {
    try (EmbeddedServer server = start()) {
      assertThat(server.jdbcUrl()).isNotEmpty();
      assertThatThrownBy(this::start)
          .isInstanceOf(CliException.class)
          .hasMessageContaining("Another copy of this program is using")
          .hasMessageContaining(folder.toString());
    }
  }

  @Test
  void aServerThatOutlivedItsProgramIsStoppedFirst() throws Exception {
    Process holder = holdServer();
    try (BufferedReader output = holder.inputReader(StandardCharsets.UTF_8)) {
      String url = Objects.requireNonNull(output.readLine(), "no server");
      execute(url, "create table if not exists outlived (n int)");
      holder.destroyForcibly().waitFor();
      ProcessHandle orphan = postmaster();
      assertThat(orphan.isAlive()).isTrue();
      try (EmbeddedServer server = start()) {
        assertThat(orphan.isAlive()).isFalse();
        assertThat(progress).anyMatch(line -> line.contains("server of an earlier run"));
        assertThat(query(server.jdbcUrl(), "select count(*) from outlived")).isEqualTo("0");
      }
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void aServerThatWasKilledOutrightIsRecovered() throws Exception {
    try (EmbeddedServer server = start();
        Connection open = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = open.createStatement()) {
      execute(server.jdbcUrl(), "create table if not exists survived (n int)");
      execute(server.jdbcUrl(), "insert into survived values (1)");
      statement.execute("begin");
      statement.execute("insert into survived values (2)");
      ProcessHandle postmaster = postmaster();
      postmaster.destroyForcibly();
      postmaster.onExit().get(10, TimeUnit.SECONDS);
    }
    try (EmbeddedServer server = start()) {
      assertThat(query(server.jdbcUrl(), "select count(*) > 0 from survived where n = 1"))
          .isEqualTo("t");
      assertThat(query(server.jdbcUrl(), "select count(*) from survived where n = 2"))
          .isEqualTo("0");
    }
  }

  @Test
  void anUnfinishedServerOfAKilledRunIsCreatedAgain() throws Exception {
    start().close();
    ServerFolder layout = ServerFolder.at(folder);
    Files.delete(layout.dataIsComplete());
    Files.delete(layout.data().resolve("global/pg_control"));
    Path version = Objects.requireNonNull(layout.pgCtl().orElseThrow().getParent()).resolve("..");
    Files.delete(version.resolve(".exists"));
    Files.write(version.resolve("bin/postgres"), new byte[] {1});
    try (EmbeddedServer server = start()) {
      assertThat(progress).anyMatch(line -> line.contains("Unpacking"));
      assertThat(query(server.jdbcUrl(), "select 1")).isEqualTo("1");
    }
  }

  @Test
  void aNotedProcessNumberThatAnotherProgramHasNowIsForgotten() throws Exception {
    start().close();
    String ownNumber = Long.toString(ProcessHandle.current().pid());
    Files.writeString(
        folder.resolve("data/postmaster.pid"), ownNumber + "\n" + folder + "/data\n1\n1\n\n\n");
    try (EmbeddedServer server = start()) {
      assertThat(query(server.jdbcUrl(), "select 1")).isEqualTo("1");
    }
  }

  @Test
  void aFailureSaysWhereToLook(@TempDir Path other) throws IOException {
    Path file = Files.createFile(other.resolve("file"));
    assertThatThrownBy(() -> EmbeddedServer.start(file, progress::add))
        .isInstanceOf(CliException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("WFE_DATABASE_URL");
  }

  private static Process holdServer() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            ServerHolder.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static ProcessHandle postmaster() throws IOException {
    long pid = ServerFolder.at(folder).notedPid().orElseThrow();
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
