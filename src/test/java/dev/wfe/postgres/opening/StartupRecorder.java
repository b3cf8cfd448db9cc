package dev.wfe.postgres.opening;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A proxy that records the client's start-up packets. */
final class StartupRecorder implements AutoCloseable {
  private static final int PROTOCOL_3 = 3 << 16;

  private final ServerSocket listener;
  private final int serverPort;
  private final Queue<Map<String, String>> packets = new ConcurrentLinkedQueue<>();

  StartupRecorder(int serverPort) {
    this.serverPort = serverPort;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException ended) {
                // One of the two sides hung up.
              }
            },
            "start-up recorder");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
      start(
          () -> {
            try (server) {
              record(new DataInputStream(client.getInputStream()), server.getOutputStream());
              client.getInputStream().transferTo(server.getOutputStream());
            }
          });
      start(
          () -> {
            try (client) {
              server.getInputStream().transferTo(client.getOutputStream());
            }
          });
    }
  }

  /** Requests for encryption come first; they have other codes and nothing in them. */
  private void record(DataInputStream in, OutputStream out) throws IOException {
    int code;
    do {
      int length = in.readInt();
      code = in.readInt();
      byte[] rest = in.readNBytes(length - 8);
      if (code == PROTOCOL_3) {
        packets.add(parameters(rest));
      }
      out.write(ByteBuffer.allocate(length).putInt(length).putInt(code).put(rest).array());
      out.flush();
    } while (code != PROTOCOL_3);
  }

  private static Map<String, String> parameters(byte[] packet) {
    Map<String, String> parameters = new TreeMap<>();
    String[] parts = new String(packet, StandardCharsets.UTF_8).split("\0", -1);
    for (int i = 0; i + 1 < parts.length && !parts[i].isEmpty(); i += 2) {
      parameters.put(parts[i], parts[i + 1]);
    }
    return parameters;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The parameters of each packet so far. */
  Queue<Map<String, String>> packets() {
    return packets;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
