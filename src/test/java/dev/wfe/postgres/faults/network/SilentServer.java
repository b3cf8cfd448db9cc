package dev.wfe.postgres.faults.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A port that never answers. */
final class SilentServer implements AutoCloseable {
  private static final int MAX_WAITING = 100;
  private static final int FULL_MILLIS = 200;

  private final ServerSocket listener;
  private final List<Socket> waiting = new ArrayList<>();

  private SilentServer(int backlog) throws IOException {
    listener = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  /** The connection is there, and nothing is said on it. */
  static SilentServer connecting() throws IOException {
    return new SilentServer(50);
  }

  /** Not even a connection comes about: the queue of those that are to be accepted is full. */
  static SilentServer dropping() throws IOException {
    SilentServer server = new SilentServer(1);
    while (server.waiting.size() < MAX_WAITING) {
      Socket socket = new Socket();
      server.waiting.add(socket);
      try {
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.listener.getLocalPort()),
            FULL_MILLIS);
      } catch (SocketTimeoutException full) {
        return server;
      }
    }
    throw new IOException("The queue does not become full");
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:%s/silent?user=nobody".formatted(listener.getLocalPort());
  }

  @Override
  public void close() {
    waiting.forEach(FaultyProxy::close);
    FaultyProxy.close(listener);
  }
}
