package dev.wfe.cli;

import java.io.IOException;
import java.nio.file.Path;

/** A program that starts the server of a folder, prints its URL and waits to be killed. */
final class ServerHolder {
  private ServerHolder() {}

  @SuppressWarnings("SystemOut") // the test reads it
  public static void main(String[] arguments) throws IOException {
    try (EmbeddedServer server = EmbeddedServer.start(Path.of(arguments[0]), progress -> {})) {
      System.out.println(server.jdbcUrl());
      int end = System.in.read();
      System.out.println("ended by " + end);
    }
  }
}
