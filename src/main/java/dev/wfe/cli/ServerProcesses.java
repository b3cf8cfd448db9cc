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
 * Ends the PostgreSQL processes of one folder, whoever started them. The processes are recognised
 * by the path of their program, so no other server is affected. The caller must hold the folder's
 * lock.
 *
 * <ol>
 *   <li>A running server is asked to stop and to close its connections.
 *   <li>Remaining processes (the back ends of a killed server, an unfinished {@code initdb})
 *       normally end by themselves in a moment; otherwise they are killed.
 *   <li>The pid file of a killed server is deleted: its process id may belong to another program
 *       now, and PostgreSQL would take that program for a running server.
 * </ol>
 */
final class ServerProcesses {
  private static final int STOP_SECONDS = 60;
  private static final int PATIENCE_SECONDS = 10;

  private final ServerFolder folder;

  ServerProcesses(ServerFolder folder) {
    this.folder = folder;
  }

  /** True if the process of the server's pid file is a running server of this folder. */
  boolean isServerRunning() throws IOException {
    return folder.notedPid().flatMap(ProcessHandle::of).filter(this::isOurs).isPresent();
  }

  /** Ends all processes and returns when none is left. */
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
      throw new IOException("these processes cannot be ended: " + processes);
    }
    folder.forgetNotedPid();
  }

  private List<ProcessHandle> running() {
    return ProcessHandle.allProcesses().filter(this::isOurs).toList();
  }

  /** False also for a zombie: a process that has ended and was not yet collected by its parent. */
  private boolean isOurs(ProcessHandle process) {
    return process
        .info()
        .command()
        .filter(program -> Path.of(program).startsWith(folder.binaries()))
        .isPresent();
  }

  /** A failure is noticed by the processes that remain. */
  private void stopServer() throws IOException, InterruptedException {
    Optional<Path> pgCtl = folder.pgCtl();
    if (pgCtl.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>();
    if (LinuxUtils.isUnshareAvailable()) {
      // PostgreSQL's programs refuse to run as root, but not as root of a new user namespace
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
      // the caller checks again what is running
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
