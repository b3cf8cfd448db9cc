package dev.wfe.cli;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends the PostgreSQL processes of one folder, whoever started them. They are recognised by the
 * path of their program, so the caller must hold the folder's lock and no other server is touched.
 *
 * <ol>
 *   <li>A running server is asked to stop, breaking its connections.
 *   <li>What is left (the connections of a server that was killed outright, a half-made {@code
 *       initdb}) ends by itself in a moment, and is killed otherwise.
 *   <li>The process number that a killed server noted is forgotten: it may belong to another
 *       program by now, which PostgreSQL would take for a running server.
 * </ol>
 */
final class ServerProcesses {
  private static final int STOP_SECONDS = 60;
  private static final int PATIENCE_SECONDS = 10;

  private final ServerFolder folder;

  ServerProcesses(ServerFolder folder) {
    this.folder = folder;
  }

  /** True when the server that the folder notes is running. */
  boolean isServerRunning() throws IOException {
    return folder.notedPid().flatMap(ProcessHandle::of).filter(this::isOurs).isPresent();
  }

  /** Ends all of them; returns when none is left. */
  void endAll() throws IOException, InterruptedException {
    List<ProcessHandle> processes = running();
    if (isServerRunning()) {
      stopServer();
    }
    awaitExit(processes);
    processes = running();
    processes.forEach(ProcessHandle::destroyForcibly);
    awaitExit(processes);
    processes = running();
    if (!processes.isEmpty()) {
      throw new IOException("these processes do not end: " + processes);
    }
    folder.forgetNotedPid();
  }

  private List<ProcessHandle> running() {
    return ProcessHandle.allProcesses().filter(this::isOurs).toList();
  }

  /** False also for a process that has ended and was not yet cleared away by its parent. */
  private boolean isOurs(ProcessHandle process) {
    return process
        .info()
        .command()
        .filter(program -> Path.of(program).startsWith(folder.binaries()))
        .isPresent();
  }

  /** A failure shows in what is left afterwards. */
  private void stopServer() throws IOException, InterruptedException {
    Optional<Path> pgCtl = folder.pgCtl();
    if (pgCtl.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>();
    if (LinuxUtils.isUnshareAvailable()) {
      // PostgreSQL's programs refuse to run as root; in a user namespace of their own they do not
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(List.of(pgCtl.get().toString(), "stop", "-D", folder.data().toString()));
    command.addAll(List.of("-m", "fast", "-w", "-t", Integer.toString(STOP_SECONDS)));
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(folder.log().toFile()))
        .start()
        .waitFor();
  }

  private static void awaitExit(List<ProcessHandle> processes) throws InterruptedException {
    CompletableFuture<?>[] exits =
        processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(exits).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // the caller looks again at what is running
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
